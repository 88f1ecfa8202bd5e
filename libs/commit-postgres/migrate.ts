/**
 * Brings a database to the newest schema, however many processes ask at once: an advisory lock lets one of them
 * work while the others wait, and what is already done is left alone. Each migration is a transaction of its own.
 */
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { TidewatchError } from '#contracts';

/** Any constant will do as long as no other program on the database uses it. */
const MIGRATION_LOCK = 7_400_743_274n;

/** TypeORM is loaded here and not above: it takes a sixth of the time in which a worker starts, and a worker migrates nothing. */
async function openSource(databaseUrl: string): Promise<DataSource> {
  const [{ DataSource }, { migrations }] = await Promise.all([import('typeorm'), import('../../migrations/index.js')]);
  return new DataSource({
    type: 'postgres',
    url: databaseUrl,
    schema: 'internal',
    migrations: [...migrations],
    migrationsTableName: 'schema_migration',
    applicationName: 'tidewatch-migrate',
    extra: { max: 1 },
    logging: false,
  }).initialize();
}

async function locked(databaseUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'tidewatch-migrate' });
  try {
    await client.connect();
  } catch (cause) {
    throw new TidewatchError('DATABASE_UNAVAILABLE', 'the database of DATABASE_URL does not answer: start it, or correct the setting', { cause });
  }
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS internal; CREATE SCHEMA IF NOT EXISTS tidewatch');
    await work(client);
  } finally {
    await client.end();
  }
}

/** Applies what is missing, makes the partitions around now, and grants the roles. Says each step in a line. */
export async function migrate(databaseUrl: string, onProgress: (line: string) => void = () => undefined): Promise<void> {
  await locked(databaseUrl, async (client) => {
    const source = await openSource(databaseUrl);
    try {
      for (const { name } of await source.runMigrations({ transaction: 'each' })) onProgress(`migrated: ${name}`);
    } finally {
      await source.destroy();
    }
    await client.query('SELECT internal.ensure_partitions(now())');
    const { rows } = await client.query<{ missing: string | null }>('SELECT internal.grant_reader() AS missing UNION ALL SELECT internal.grant_operator()');
    for (const { missing } of rows) if (missing !== null) onProgress(missing);
    await client.query('SELECT internal.grant_tokens()');
  });
}

/** Takes back the newest `steps` migrations, with the data of their tables. */
export async function revertMigrations(databaseUrl: string, steps: number): Promise<void> {
  await locked(databaseUrl, async () => {
    const source = await openSource(databaseUrl);
    try {
      for (let step = 0; step < steps; step += 1) await source.undoLastMigration({ transaction: 'each' });
    } finally {
      await source.destroy();
    }
  });
}
