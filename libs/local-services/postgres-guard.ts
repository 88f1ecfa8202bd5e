/**
 * Runs the server in a session of its own behind a small shell that holds the read end of our pipe:
 * a Ctrl-C in the terminal does not reach it, and when this process ends in whatever way, kill -9 included,
 * the pipe closes and the shell shuts the server down. A shell rather than a Node process: 1 MB instead of 40.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import type { PostgresPlace } from './postgres-binaries.js';

/** SIGINT is Postgres's fast shutdown (roll back, checkpoint, end), SIGQUIT the immediate one (recovery at the next start). */
const GUARD = `
"$@" </dev/null & server=$!
exec 3<&0
( read -r _ <&3
  kill -INT $server 2>/dev/null
  tenths=0
  while kill -0 $server 2>/dev/null; do
    tenths=$((tenths + 1)); [ $tenths -eq 80 ] && kill -QUIT $server
    sleep 0.1
  done ) & watch=$!
exec 3<&- </dev/null
wait $server; code=$?
kill $watch 2>/dev/null
exit $code`;

/** Found in the command line of the shell. */
export const GUARD_NAME = 'tidewatch-postgres-guard';

export interface GuardedServer {
  readonly guardPid: number;
  /** Resolves with the exit code when the server has ended. */
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  /** Asks for the fast shutdown; the guard turns to the immediate one after 8 s. */
  shutDown(): void;
}

export function startGuarded(place: PostgresPlace, args: readonly string[], logFile: string): GuardedServer {
  const log = openSync(logFile, 'a', 0o644);
  const guard: ChildProcess = spawn('/bin/sh', ['-c', GUARD, GUARD_NAME, place.postgres, ...args], {
    detached: true,
    stdio: ['pipe', log, log],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
    ...(place.runAs ?? {}),
  });
  closeSync(log);
  guard.unref();
  guard.stdin?.on('error', () => undefined);
  (guard.stdin as unknown as { unref?: () => void }).unref?.();
  let over = false;
  const ended = new Promise<number | null>((done) => {
    guard.once('exit', (code) => {
      over = true;
      done(code);
    });
    guard.once('error', () => {
      over = true;
      done(null);
    });
  });
  return { guardPid: guard.pid ?? 0, ended, hasEnded: () => over, shutDown: () => guard.stdin?.end() };
}
