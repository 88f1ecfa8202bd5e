/**
 * `.tidewatch/run.json`: who runs here and where its services are. It keeps a second `npm start` out, and tells
 * `tidewatch connection` and other clients the addresses. A file whose process is gone is stale and is replaced.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunFile {
  /** Process of `npm start`. */
  readonly pid: number;
  /** Process that owns the local services; it outlives a killed parent by the seconds of its own shutdown. */
  readonly servicesPid: number | null;
  readonly startedAt: string;
  readonly databaseUrl: string | null;
  readonly brokers: string | null;
  readonly streamFolder: string | null;
  readonly page: string | null;
}

const fileIn = (home: string) => join(home, 'run.json');

export function readRunFile(home: string): RunFile | null {
  try {
    return JSON.parse(readFileSync(fileIn(home), 'utf8')) as RunFile;
  } catch {
    return null;
  }
}

export function writeRunFile(home: string, run: RunFile): void {
  mkdirSync(dirname(fileIn(home)), { recursive: true });
  writeFileSync(fileIn(home), `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
}

export function removeRunFile(home: string): void {
  rmSync(fileIn(home), { force: true });
}

/** Alive, and one of ours: a process id is used again after a reboot. */
export function isOurProcess(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    const [, afterName = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    return !afterName.startsWith('Z') && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apps/cli');
  } catch {
    return true; // no /proc on this system: the signal said it lives
  }
}

/** Waits until the services of a killed run have ended; false when they are still there at the deadline. */
export async function waitForOldServices(run: RunFile | null, deadline: number): Promise<boolean> {
  while (isOurProcess(run?.servicesPid ?? null)) {
    if (Date.now() > deadline) return false;
    await sleep(100);
  }
  return true;
}
