/**
 * The data directory: made once, whole or not at all, and what its postmaster.pid says of a server that may
 * still be running in it.
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

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

/** Command line of a live process; empty for one that has ended, reaped or not (in a container nobody may reap it). */
export async function commandOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch {
    return run('ps', ['-p', String(pid), '-o', 'command=']).then(({ stdout }) => stdout, () => '');
  }
}

const pidFile = (data: string): string => join(data, 'postmaster.pid');

/**
 * The server that runs in `data` now; null when none does, or when it has only begun to write its file. Only looks:
 * a server that is starting writes the file line by line, and removing it under its hands ends it.
 */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const lines = await readFile(pidFile(data), 'utf8').then((text) => text.split('\n'), () => []);
  const pid = Number(lines[0] ?? 0);
  if (!Number.isInteger(pid) || pid <= 0 || !(await commandOf(pid)).includes(data)) return null;
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? 'starting').trim() };
}

/**
 * Removes the file of a killed server whose number now belongs to another program: Postgres itself only looks whether that
 * number is alive, and would refuse to start. Call when no server runs and before one is started.
 */
export async function removeStalePidFile(data: string): Promise<void> {
  await rm(pidFile(data), { force: true });
}
