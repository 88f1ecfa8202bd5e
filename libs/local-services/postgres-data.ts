/**
 * The data directory and the password of the local server: made once, whole or not at all.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TidewatchError } from '#contracts';
import type { PostgresPlace } from './postgres-binaries.js';

const run = promisify(execFile);
export const USER = 'tidewatch';

/** The password of the local server, random, kept in `home` for its owner alone. */
export async function readOrMakePassword(home: string): Promise<string> {
  const file = join(home, 'postgres.password');
  try {
    await writeFile(file, randomBytes(18).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
  }
  return (await readFile(file, 'utf8')).trim();
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(() => true, () => false);
}

/**
 * Runs initdb beside the final place and renames, so that a kill in between leaves nothing half made.
 * Collation C.UTF-8 of Postgres itself: text sorts by code point on every machine, without ICU or libc versions.
 */
export async function ensureDataDirectory(place: PostgresPlace, home: string, onProgress: (line: string) => void): Promise<string> {
  const data = join(place.folder, 'data');
  if (await exists(join(data, 'PG_VERSION'))) return data;
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const passwordFile = join(place.folder, 'initdb.password');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, await readOrMakePassword(home), { mode: 0o600 });
  if (place.runAs !== null) {
    await chown(draft, place.runAs.uid, place.runAs.gid);
    await chown(passwordFile, place.runAs.uid, place.runAs.gid);
  }
  onProgress('creating the database files');
  try {
    await run(place.initdb, [
      `--pgdata=${draft}`, `--username=${USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8',
      '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync', '--no-data-checksums',
    ], { ...(place.runAs ?? {}), cwd: '/', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' } });
  } catch (cause) {
    throw new TidewatchError('SERVICE_NOT_STARTED', `initdb failed: ${String((cause as { stderr?: string }).stderr ?? cause).trim()}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
  return data;
}
