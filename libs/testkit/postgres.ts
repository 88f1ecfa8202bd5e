/**
 * A database of its own for every test file: cloned from a migrated template (about 50 ms), dropped at the end. Connections
 * that the tests left open fail the file, with what each did last; so a leak shows where it was made.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import pg from 'pg';
import { migrate } from '#commit-postgres';

/** Named after the compiled migrations, so that a server that outlives a change does not serve the old schema. */
const TEMPLATE = `tidewatch_template_${migrationsDigest()}`;
const TEMPLATE_LOCK = 7_400_743_275n;

export interface TestDatabase {
  /** Connection string; set once the file's `before` hooks have run. */
  readonly url: string;
  /** A connected client, closed by the file's `after` hook if it is still open. */
  connect(): Promise<pg.Client>;
  /** Closed before the database is dropped: hooks run in the order they were made, so a hook of the test file would come too late. */
  closeAtEnd<T extends { close(): Promise<void> }>(closable: T): T;
  /** Rows of one statement, on a connection of its own. */
  query<Row extends pg.QueryResultRow = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

function migrationsDigest(): string {
  const folder = join(import.meta.dirname, '../../migrations');
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js')).sort()) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}

function adminUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined || url === '') {
    throw new Error('TEST_DATABASE_URL is not set: run these tests through node test/run-tests.mjs, or set it to a server where databases may be created');
  }
  return url;
}

const at = (database: string): string => {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
};

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'testkit' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Creates a database; `migrated: false` gives an empty one. The caller drops it. */
export async function createTestDatabase({ migrated = true } = {}): Promise<{ name: string; url: string }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(adminUrl(), async (admin) => {
    if (!migrated) {
      await admin.query(`CREATE DATABASE ${name}`);
      return;
    }
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount === 0) {
      await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE}_draft`);
      await admin.query(`CREATE DATABASE ${TEMPLATE}_draft`);
      await migrate(at(`${TEMPLATE}_draft`));
      await admin.query(`ALTER DATABASE ${TEMPLATE}_draft RENAME TO ${TEMPLATE}`);
    }
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  });
  return { name, url: at(name) };
}

/** Drops it and gives what was still connected, a line each; connections that are just closing get a second to be gone. */
export async function dropTestDatabase(name: string): Promise<string[]> {
  return withClient(adminUrl(), async (admin) => {
    const deadline = Date.now() + 1000;
    for (;;) {
      const { rows } = await admin.query<{ line: string }>(
        `SELECT format('%s, %s, last: %s', application_name, state, left(query, 120)) AS line
         FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`, [name]);
      if (rows.length > 0 && Date.now() < deadline) continue;
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      return rows.map(({ line }) => line);
    }
  });
}

/** Call at the top of a test file (or of a describe). */
export function useTestDatabase(options: { migrated?: boolean } = {}): TestDatabase {
  let made: { name: string; url: string } | null = null;
  const clients: pg.Client[] = [];
  const closables: { close(): Promise<void> }[] = [];
  before(async () => {
    made = await createTestDatabase(options);
  });
  after(async () => {
    for (const closable of closables) await closable.close();
    for (const client of clients) await client.end().catch(() => undefined);
    if (made === null) return;
    const leaked = await dropTestDatabase(made.name);
    if (leaked.length > 0) throw new Error(`${leaked.length} connections were left open:\n${leaked.join('\n')}`);
  });
  const url = (): string => {
    if (made === null) throw new Error('the test database exists from the before hook on');
    return made.url;
  };
  return {
    get url() {
      return url();
    },
    async connect() {
      const client = new pg.Client({ connectionString: url(), application_name: 'test' });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    },
    closeAtEnd(closable) {
      closables.push(closable);
      return closable;
    },
    query: <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      withClient(url(), async (client) => (await client.query<Row>(sql, [...values])).rows),
  };
}
