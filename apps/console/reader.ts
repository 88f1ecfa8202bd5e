/** The database as one role sees it. A database that is away is a 503 with a sentence, not a stack. */
import { HttpException, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';

export class DatabaseAway extends HttpException {
  constructor(cause: unknown) {
    super({ title: 'The database does not answer', detail: `Postgres is away: ${String((cause as Error).message)}. The page comes back by itself when the database does.` }, 503);
  }
}

/** SQLSTATEs that mean "not now": connection faults, resources, operator intervention, a database that takes no connections. */
const AWAY = /^(08|53|57|55000)/;

export abstract class RoleSession implements OnApplicationShutdown {
  private readonly pool: Pool;
  private readonly prepared = new WeakSet<object>();

  constructor(databaseUrl: string, private readonly role: string, max: number) {
    this.pool = new Pool({ connectionString: databaseUrl, max, connectionTimeoutMillis: 3_000, statement_timeout: 10_000, application_name: 'tidewatch console' });
    // a connection that the server ends while a query runs fails the query and then says so once more, as an event that ends the process when nobody listens
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.pool.on('error', () => undefined); // an idle connection that ended is made anew by the next query
  }

  async rows<T extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return this.with(async (client) => (await client.query<T>(text, [...values])).rows);
  }

  /** The rows of one statement as a server-side cursor hands them over, `size` at a time, all as of one moment. Leave it early and the cursor is closed. */
  async *batches<T extends QueryResultRow>(text: string, values: readonly unknown[], size: number, signal: AbortSignal): AsyncGenerator<T[], void> {
    const client = await this.connected();
    let broken: Error | undefined;
    try {
      await client.query('begin isolation level repeatable read read only');
      await client.query(`declare batches no scroll cursor for ${text}`, [...values]);
      while (!signal.aborted) {
        const { rows } = await client.query<T>(`fetch ${size} from batches`);
        if (rows.length === 0) break;
        yield rows;
      }
      await client.query('commit');
    } catch (error) {
      broken = error as Error;
      throw asAway(error);
    } finally {
      // left in the middle: the transaction ends with its connection
      client.release(broken ?? signal.aborted);
    }
  }

  private async with<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.connected();
    let broken: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      broken = error as Error;
      throw asAway(error);
    } finally {
      client.release(broken);
    }
  }

  private async connected(): Promise<PoolClient> {
    let client: PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw asAway(error);
    }
    if (this.prepared.has(client)) return client;
    try {
      await client.query(`set role ${this.role}`);
      await client.query(`set timezone = 'UTC'`);
      this.prepared.add(client);
      return client;
    } catch (error) {
      client.release(error as Error);
      throw asAway(error);
    }
  }

  /** Behind the last request: one in the middle of its query would be told that the database is away. */
  onApplicationShutdown(): Promise<void> {
    return this.pool.end();
  }
}

function asAway(error: unknown): unknown {
  const { code } = error as { code?: string };
  return code === undefined || AWAY.test(code) || /^E[A-Z]+$/.test(code) ? new DatabaseAway(error) : error;
}

/** Reads the public views, as the role that may read nothing else. */
@Injectable()
export class Reader extends RoleSession {
  constructor(databaseUrl: string) {
    super(databaseUrl, 'tidewatch_reader', 6);
  }
}

/** Calls the public functions that record what people did, as the role that may call nothing else. */
@Injectable()
export class Operator extends RoleSession {
  constructor(databaseUrl: string) {
    super(databaseUrl, 'tidewatch_operator', 2);
  }
}
