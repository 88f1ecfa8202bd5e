/** The address of the database, which every process but the CLI's start must be given. */
import { TidewatchError } from '#contracts';
import type { Settings } from '#load-config';

export function requireDatabase(settings: Settings): string {
  if (settings.databaseUrl === null) throw new TidewatchError('SETTING_INVALID', 'DATABASE_URL is not set: expected the address of the Postgres that Tidewatch writes to. npm start sets it by itself.');
  return settings.databaseUrl;
}
