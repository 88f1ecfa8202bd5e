/**
 * Mutual exclusion between processes by a file, without waiting for a dead holder. The lock appears by a hard link, so
 * that it never exists without its holder's identity in it. A holder that was killed is replaced, not removed: whoever
 * replaces it must hold the lock `<lock>.<dead holder>` and find the dead holder still there, so of many that saw the
 * same dead holder exactly one succeeds, however slow the others are. A stopped (SIGSTOP) holder still holds.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const PROC_STATE = 0;
const PROC_START_TIME = 19;

/** State and start time of a process: a number that was given again to another process has another start time. */
function birthOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return null;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[PROC_STATE] === 'Z' ? null : fields[PROC_START_TIME]!;
  } catch (error) {
    // No /proc on this system: alive is all that can be known. With one, the process ended between the two looks.
    return process.platform === 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unknown';
  }
}

let own: string | null = null;
const newIdentity = () => `${process.pid}-${(own ??= birthOf(process.pid) ?? 'unknown')}-${randomBytes(6).toString('hex')}`;

function alive(identity: string): boolean {
  const [pid, birth] = identity.split('-');
  return birthOf(Number(pid)) === birth;
}

function holderOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Takes the lock, or returns null when a living process holds it. The returned function gives it back. */
export function tryLock(path: string): (() => void) | null {
  const identity = newIdentity();
  const card = `${path}.card-${identity}`;
  writeFileSync(card, identity);
  try {
    try {
      linkSync(card, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!replaceDead(path, card)) return null;
    }
    return () => rmSync(path, { force: true });
  } finally {
    rmSync(card, { force: true });
  }
}

function replaceDead(path: string, card: string): boolean {
  const holder = holderOf(path);
  if (holder === null || alive(holder)) return false;
  const release = tryLock(`${path}.${holder}`);
  if (release === null) return false;
  try {
    if (holderOf(path) !== holder) return false;
    renameSync(card, path);
    return true;
  } finally {
    release();
  }
}
