/** Our own Postgres: quick to start, never two on one folder, and gone with its parent whatever ends that. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { startPostgres } from '#local-services';

const soon = (): number => Date.now() + 5000;

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** Running, that is: a process that ended counts as gone although nobody has reaped it (as in a container without an init). */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
};

async function until(what: string, holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) assert.fail(`waited ${ms} ms for ${what}`);
    await new Promise(setImmediate);
  }
}

describe('startPostgres', { timeout: 60_000 }, () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'tidewatch-pg-'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  /** Process groups that a failing test may leave behind. */
  const groups: number[] = [];
  afterEach(() => {
    for (const group of groups.splice(0)) {
      try {
        process.kill(-group, 'SIGKILL');
      } catch {
        // gone already
      }
    }
  });

  /** In `home`, or where the server had to go because its user may not enter the checkout (a clone under /root). */
  const folderOf = (): Promise<string> => readFile(join(home, 'postgres.place'), 'utf8').catch(() => join(home, 'postgres'));
  const pidOf = async (): Promise<number> => Number((await readFile(join(await folderOf(), 'data/postmaster.pid'), 'utf8')).split('\n')[0]);

  /** A process that starts the server, says its address and then only waits. */
  async function child() {
    const library = pathToFileURL(join(import.meta.dirname, '../../libs/local-services/index.js')).href;
    const script = `const { startPostgres } = await import(${JSON.stringify(library)}); const { url } = await startPostgres({ home: ${JSON.stringify(home)}, port: 0 }); console.log(url); process.stdin.resume();`;
    const process_ = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    const gone = new Promise<void>((done) => process_.once('exit', () => done()));
    const url = await new Promise<string>((done, refuse) => {
      process_.stdout.once('data', (chunk) => done(String(chunk).trim()));
      process_.once('exit', (code) => refuse(new Error(`the child ended with ${code}`)));
    });
    groups.push(process_.pid!);
    return { url, pid: process_.pid!, gone };
  }

  it('creates, starts, stops and starts again with the same data, on another port when the wanted one is taken', async () => {
    const lines: string[] = [];
    const first = await startPostgres({ home, port: 0, onProgress: (line) => lines.push(line) });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    assert.equal(await ask(first.url, "SELECT current_setting('synchronous_commit') || current_setting('TimeZone') || current_database()"), 'onUTCtidewatch');
    assert.equal((await stat(join(home, 'postgres.password'))).mode & 0o777, 0o600);
    await first.stop(soon());
    await first.stop(soon());

    const occupant = createServer();
    const port = await new Promise<number>((done) => occupant.listen(0, '127.0.0.1', () => done((occupant.address() as { port: number }).port)));
    const again = await startPostgres({ home, port, onProgress: (line) => lines.push(line) });
    assert.equal(await ask(again.url, 'SELECT answer FROM kept'), 42);
    assert.ok(lines.some((line) => line.startsWith(`port ${port} is taken; Postgres uses `)), lines.join('\n'));
    const started = Date.now();
    await again.stop(soon());
    assert.ok(Date.now() - started < 3000);
    await new Promise((done) => occupant.close(done));
  });

  it('ends with its parent when that is killed, and the next start waits for it and finds the data', async () => {
    const { url, pid, gone } = await child();
    const server = await pidOf();
    await ask(url, 'CREATE TABLE before_kill AS SELECT 1 AS one');
    process.kill(pid, 'SIGKILL');
    await gone;
    const next = await startPostgres({ home, port: 0 });
    assert.equal(isAlive(server), false);
    assert.equal(await ask(next.url, 'SELECT one FROM before_kill'), 1);
    await next.stop(soon());
  });

  it('is not reached by the Ctrl-C that its parent gets', async () => {
    const { url, pid, gone } = await child();
    const server = await pidOf();
    process.kill(-pid, 'SIGSTOP');
    // The whole foreground group of the terminal gets the signal; the parent cannot act on it, and the server goes on.
    process.kill(-pid, 'SIGINT');
    assert.equal(await ask(url, 'SELECT 1'), 1);
    process.kill(-pid, 'SIGKILL');
    await gone;
    await until('the server to end', () => !isAlive(server));
  });

  it('recovers after the server itself was killed, with a stale postmaster.pid left behind', async () => {
    const first = await startPostgres({ home, port: 0 });
    await ask(first.url, 'CREATE TABLE survived AS SELECT 7 AS seven');
    const server = await pidOf();
    process.kill(server, 'SIGKILL');
    await until('the server to be gone', () => !isAlive(server));
    const next = await startPostgres({ home, port: 0 });
    assert.equal(await ask(next.url, 'SELECT seven FROM survived'), 7);
    await next.stop(soon());
    await first.stop(soon());
  });

  it('does not mistake another program for the server when its number was given anew', async () => {
    const data = join(await folderOf(), 'data');
    await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n\n127.0.0.1\n\nready   \n`);
    const server = await startPostgres({ home, port: 0 });
    assert.equal(await ask(server.url, 'SELECT 1'), 1);
    await server.stop(soon());
  });

  it('leaves alone a server that another process holds, and says so', async () => {
    const { pid, gone } = await child();
    await assert.rejects(startPostgres({ home, port: 0 }), { code: 'SERVICE_NOT_STARTED', message: /is running for another process/ });
    const server = await pidOf();
    process.kill(pid, 'SIGKILL');
    await gone;
    await until('the server to end', () => !isAlive(server));
  });

  it('takes over a server that lost its guard, and can stop it', async () => {
    const { url, pid, gone } = await child();
    const server = await pidOf();
    const guard = Number(await readFile(join(await folderOf(), 'guard.pid'), 'utf8'));
    groups.push(guard);
    process.kill(-guard, 'SIGSTOP');
    process.kill(server, 'SIGCONT');
    process.kill(guard, 'SIGKILL');
    await until('the guard to be gone', () => !isAlive(guard));
    const lines: string[] = [];
    const taken = await startPostgres({ home, port: 0, onProgress: (line) => lines.push(line) });
    assert.equal(taken.url, url);
    assert.match(lines.join('\n'), /of an earlier run is still there .*\ntaking it over/);
    await taken.stop(soon());
    assert.equal(isAlive(server), false);
    process.kill(pid, 'SIGKILL');
    await gone;
  });
});
