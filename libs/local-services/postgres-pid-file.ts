/**
 * What postmaster.pid in a data directory says of a server that may be running there, checked against the processes
 * that there are.
 */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
