/** The database as one role sees it. A database that is away is a 503 with a sentence, not a stack. */
import { HttpException, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Pool, type QueryResultRow } from 'pg';

export class DatabaseAway extends HttpException {
  constructor(cause: unknown) {
    super({ title: 'The database does not answer', detail: `Postgres is away: ${String((cause as Error).message)}. The page comes back by itself when the database does.` }, 503);
  }
}

/** Classes of SQLSTATE that mean "not now": connection faults, resources, operator intervention. */
const AWAY = /^(08|53|57)/;

abstract class RoleSession implements OnModuleDestroy {
  private readonly pool: Pool;
  private readonly prepared = new WeakSet<object>();

  constructor(databaseUrl: string, private readonly role: string, max: number) {
    this.pool = new Pool({ connectionString: databaseUrl, max, connectionTimeoutMillis: 3_000, statement_timeout: 10_000, application_name: 'tidewatch console' });
    // a connection that the server ends while a query runs fails the query and then says so once more, as an event that ends the process when nobody listens
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.pool.on('error', () => undefined); // an idle connection that ended is made anew by the next query
  }

  async rows<T extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    try {
      const client = await this.pool.connect();
      let broken: Error | undefined;
      try {
        if (!this.prepared.has(client)) {
          await client.query(`set role ${this.role}`);
          await client.query(`set timezone = 'UTC'`);
          this.prepared.add(client);
        }
        return (await client.query<T>(text, [...values])).rows;
      } catch (error) {
        broken = error as Error;
        throw error;
      } finally {
        client.release(broken);
      }
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined || AWAY.test(code) || /^E[A-Z]+$/.test(code)) throw new DatabaseAway(error);
      throw error;
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.end();
  }
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
