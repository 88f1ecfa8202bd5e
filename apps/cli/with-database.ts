/** The database of what runs, for one piece of work. */
import { Client } from 'pg';
import { TidewatchError } from '#contracts';
import { requireDatabase } from '../stream-worker/require-database.js';
import { settingsOfRun } from './running.js';

/** @param applicationName as the database's administrator sees the connection */
export async function withDatabase<T>(work: (client: Client) => Promise<T>, applicationName?: string): Promise<T> {
  const client = new Client({ connectionString: requireDatabase(settingsOfRun()), application_name: applicationName });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same for public functions: what one refuses (TW..., 22...) is the caller's to mend, and told as its sentence. */
export function askDatabase<T>(work: (client: Client) => Promise<T>, applicationName: string): Promise<T> {
  return withDatabase(work, applicationName).catch((error: unknown) => {
    const { code, message } = error as { code?: string; message: string };
    if (code !== undefined && /^(TW|22)/.test(code)) throw new TidewatchError('SETTING_INVALID', `The database refused it: ${message}. Nothing was changed.`, { cause: error });
    throw error;
  });
}
