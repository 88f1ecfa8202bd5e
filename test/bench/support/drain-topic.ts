/** A worker in a process and a database of its own takes everything that its topic holds: how fast, and at what cost. */
import { Client } from 'pg';
import { createTestDatabase, dropTestDatabase } from '../../../libs/testkit/index.js';
import { until } from '../../flow/support/until.js';
import { WorkerProcess } from '../../flow/support/worker-process.js';
import { usageOf } from './services.js';

export interface Drained {
  readonly perSecond: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/**
 * From the first lease to the last row committed.
 * @param entry compiled entry of the worker
 * @param environment of a worker's on this database
 * @param check throws when the database does not hold what it must
 */
export async function drainTopic(entry: string, environment: (databaseUrl: string) => Record<string, string>, count: number, check: (client: Client) => Promise<void>): Promise<Drained> {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const worker = new WorkerProcess(entry, environment(database.url));
  try {
    const look = async () => (await client.query<{ sum: string; seconds: number }>('select coalesce(sum(next_offset), 0)::text as sum, extract(epoch from max(committed_at) - min(leased_at))::float8 as seconds from internal.stream_lease')).rows[0]!;
    await worker.ready;
    const { seconds } = await until('all messages to be committed', look, ({ sum }) => Number(sum) >= count, 600_000, 50);
    const usage = usageOf(worker.pid);
    await check(client);
    return { perSecond: count / seconds, ...usage };
  } catch (error) {
    throw new Error(`${String(error)}\n${worker.lastOutput}`);
  } finally {
    await worker.stop();
    await client.end();
    await dropTestDatabase(database.name);
  }
}
