/**
 * A Postgres of our own for development and tests: `home`/postgres, any free port, a random password, a database
 * named tidewatch. Ends with this process, whatever ends it. Finds what an earlier run left: files of a killed server
 * are recovered, a server that is still stopping is waited for, one that lost its guard is taken over, and one that
 * another live process holds is left alone with a message.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { TidewatchError } from '#contracts';
import { placePostgres } from './postgres-binaries.js';
import { ensureDataDirectory, readOrMakePassword, USER } from './postgres-data.js';
import { GUARD_NAME, startGuarded, type GuardedServer } from './postgres-guard.js';
import { commandOf, findPostmaster, removeStalePidFile, type Postmaster } from './postgres-pid-file.js';

export interface LocalPostgresSettings {
  /** Folder for data, log and password. */
  readonly home: string;
  /** Wanted port; another free one is taken, and said, when it is in use. 0: any. */
  readonly port?: number;
  readonly onProgress?: (line: string) => void;
}

export interface LocalPostgres {
  readonly url: string;
  /** Fast shutdown, then the immediate one when `deadline` (epoch ms) comes. Idempotent. */
  stop(deadline: number): Promise<void>;
}

const DATABASE = 'tidewatch';
const DEFAULT_PORT = 7432;
const START_TIMEOUT_MS = 60_000;

/**
 * synchronous_commit stays on: the commit promise is about a power cut, too. WAL: room for minutes of full load between
 * checkpoints, and full-page images compressed (entity_state rewrites wide rows). No JIT: our statements are short.
 */
const SERVER_SETTINGS = [
  'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=128MB', 'max_wal_size=2GB', 'min_wal_size=256MB',
  'wal_compression=on', 'checkpoint_timeout=15min', 'synchronous_commit=on', 'jit=off', 'max_connections=100',
  'autovacuum_naptime=15s', 'timezone=UTC', 'log_timezone=UTC', 'log_checkpoints=off', 'log_line_prefix=%m [%p] %a ',
];

export async function startPostgres({ home, port = DEFAULT_PORT, onProgress = () => undefined }: LocalPostgresSettings): Promise<LocalPostgres> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const place = await placePostgres(home, onProgress);
  const data = await ensureDataDirectory(place, home, onProgress);
  const password = await readOrMakePassword(home);
  const urlFor = (at: number, database: string): string => `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`;

  const guardFile = join(place.folder, 'guard.pid');
  const left = await settleEarlierServer(data, guardFile, onProgress);
  if (left !== null) {
    await ensureDatabase(urlFor(left.port, 'postgres'), deadline, onProgress);
    return { url: urlFor(left.port, DATABASE), stop: (until) => stopServer(data, null, until) };
  }

  const logFile = join(place.folder, 'postgres.log');
  for (;;) {
    const chosen = await freePort(port);
    if (port !== 0 && chosen !== port) onProgress(`port ${port} is taken; Postgres uses ${chosen}`);
    const server = startGuarded(place, ['-D', data, '-p', String(chosen), ...SERVER_SETTINGS.flatMap((setting) => ['-c', setting])], logFile);
    await writeFile(guardFile, String(server.guardPid));
    if (await becomesReady(data, server, deadline, onProgress)) {
      await ensureDatabase(urlFor(chosen, 'postgres'), deadline, onProgress);
      return { url: urlFor(chosen, DATABASE), stop: (until) => stopServer(data, server, until) };
    }
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-6).join('\n');
    // Backends of a killed server need a moment to notice; a port can be taken between our look and the start.
    const passing = /shared memory block|could not bind|Address already in use/.test(tail);
    if (!passing || Date.now() > deadline) {
      server.shutDown();
      throw new TidewatchError('SERVICE_NOT_STARTED', `Postgres did not start. Its log (${logFile}) ends with:\n${tail}`);
    }
    await pause(100);
  }
}

/** null when the way is free; the server to take over when one runs without a guard. */
async function settleEarlierServer(data: string, guardFile: string, onProgress: (line: string) => void): Promise<Postmaster | null> {
  const patience = Date.now() + 10_000;
  let said = false;
  let readySince: number | null = null;
  for (;;) {
    const found = await findPostmaster(data);
    if (found === null) {
      await removeStalePidFile(data);
      return null;
    }
    if (!said) onProgress(`a Postgres of an earlier run is still there (pid ${found.pid}, port ${found.port})`);
    said = true;
    if (found.status === 'ready') {
      const guard = Number(await readFile(guardFile, 'utf8').catch(() => '0'));
      if (guard <= 0 || !(await commandOf(guard)).includes(GUARD_NAME)) {
        onProgress(`taking it over: nothing else looks after it`);
        return found;
      }
      // Its guard may be about to stop it: give it a moment before calling it another's.
      readySince ??= Date.now();
      if (Date.now() - readySince > 1000) {
        throw new TidewatchError('SERVICE_NOT_STARTED',
          `a Postgres with the same files is running for another process (pid ${found.pid}, port ${found.port}): stop that process, or use another folder`);
      }
    }
    if (Date.now() > patience) {
      throw new TidewatchError('SERVICE_NOT_STARTED', `a Postgres of an earlier run (pid ${found.pid}) is ${found.status} and does not end: stop it with kill ${found.pid}`);
    }
    await pause(50);
  }
}

/** True when the server answers, false when it ended instead. */
async function becomesReady(data: string, server: GuardedServer, deadline: number, onProgress: (line: string) => void): Promise<boolean> {
  const sayAfter = Date.now() + 2000;
  let said = false;
  while (!server.hasEnded()) {
    if ((await findPostmaster(data))?.status === 'ready') return true;
    if (!said && Date.now() > sayAfter) {
      onProgress('Postgres is recovering from a crash; this can take a while');
      said = true;
    }
    if (Date.now() > deadline) return false;
    await pause(15);
  }
  return false;
}

async function ensureDatabase(adminUrl: string, deadline: number, onProgress: (line: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: Math.max(deadline - Date.now(), 1000) });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${DATABASE}`);
      onProgress(`created the database ${DATABASE}`);
    }
  } finally {
    await client.end();
  }
}

async function stopServer(data: string, server: GuardedServer | null, deadline: number): Promise<void> {
  const found = await findPostmaster(data);
  if (server !== null) server.shutDown();
  else if (found !== null) signal(found.pid, 'SIGINT');
  if (found === null && server === null) return;
  let harder = false;
  for (;;) {
    // Its file goes before it does.
    const gone = server === null ? !(await commandOf(found!.pid)).includes(data) : server.hasEnded();
    if (gone) return;
    if (!harder && Date.now() >= deadline) {
      harder = true;
      if (found !== null) signal(found.pid, 'SIGQUIT');
    }
    if (Date.now() >= deadline + 5000) {
      if (found !== null) signal(found.pid, 'SIGKILL');
      throw new TidewatchError('DEADLINE_PASSED', 'Postgres did not end after fast and immediate shutdown and was killed; it recovers at the next start');
    }
    await pause(20);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
}

async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const got = await new Promise<number | null>((done) => {
      const probe = createServer();
      probe.once('error', () => done(null));
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => done(typeof address === 'object' && address !== null ? address.port : null));
      });
    });
    if (got !== null) return got;
  }
  throw new TidewatchError('SERVICE_NOT_STARTED', 'no free port was found on 127.0.0.1');
}
