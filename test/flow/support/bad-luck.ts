/**
 * What the bad-luck tests share: one review worker on real services, messages numbered so that each can be told apart,
 * and the question whether every one sent so far is in the tables exactly once.
 */
import assert from 'node:assert/strict';
import { Client } from 'pg';
import type { OutgoingMessage } from '#contracts';
import { createKafkaProducer } from '#consume-kafka';
import { until } from './until.js';
import type { WorkerProcess } from './worker-process.js';

export const REVIEW_WORKER = 'apps/review-worker/main.js';
const PATIENCE_MS = 60_000;

/** How long a service stays away. The long run sets 60. */
export const awaySeconds = Number(process.env['BAD_LUCK_SECONDS'] ?? 5);

export function workerEnvironment(databaseUrl: string, brokers: string, topic: string): Record<string, string> {
  return { DATABASE_URL: databaseUrl, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `group-${topic}`, REVIEWS_TOPIC: topic, KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_FETCH_BYTES: '20000', ENCODER_THREADS: '1' };
}

export const producerAt = (brokers: string) => createKafkaProducer({ brokers: brokers.split(','), tls: false, sasl: null, clientId: 'bad-luck' });

/** Valid reviews number `from` to before `to`, of 8 products, no two alike, dated to the day as many sources date them. */
export function reviews(from: number, to: number): OutgoingMessage[] {
  return Array.from({ length: to - from }, (_, at) => {
    const n = from + at;
    const productId = `product-${n % 8}`;
    return { key: productId, value: JSON.stringify({ reviewId: `r${n}`, productId, rating: 1 + (n % 5), text: `review ${n}, works as it should`, reviewedAt: new Date(Date.UTC(2026, 0, 5) + Math.floor(n / 1_000) * 86_400_000).toISOString() }) };
  });
}

export async function rows<Row extends object>(databaseUrl: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const countsOf = async (databaseUrl: string) => {
  const [found] = await rows<{ scored: string; distinct: string; steps: string; positions: string }>(databaseUrl, `
    select (select count(*) from internal.review_score) as scored, (select count(distinct review_id) from internal.review_score) as distinct,
      (select coalesce(sum(version), 0) from internal.entity_state where stream = 'reviews') as steps,
      (select coalesce(sum(accepted + duplicates + rejected), 0) from tidewatch.stream_positions) as positions`);
  return Object.values(found!).map(Number);
};

export const scoredSoFar = async (databaseUrl: string): Promise<number> => (await countsOf(databaseUrl))[0]!;

/** Rows, distinct reviews, steps of the hidden states and messages under the positions: all as many as were sent. */
export async function assertOnce(databaseUrl: string, sent: number, worker: WorkerProcess): Promise<void> {
  const seen = await until(`${sent} rows`, () => countsOf(databaseUrl), ([, , , positions]) => positions! >= sent, PATIENCE_MS)
    .catch((error: unknown) => { throw new Error(`${String(error)}\n${worker.lastOutput}`); });
  assert.deepEqual(seen, [sent, sent, sent, sent], worker.lastOutput);
}

export async function untilSaid(worker: WorkerProcess, what: RegExp): Promise<void> {
  await until(`the worker to say ${what}`, () => Promise.resolve(worker.lastOutput), (output) => what.test(output), PATIENCE_MS);
}

/** The worker leaves by itself, not as if all were well. */
export async function assertLeft(worker: WorkerProcess, saying: RegExp): Promise<void> {
  await until('the worker to leave', () => Promise.resolve(worker.alive), (alive) => !alive, PATIENCE_MS).catch((error: unknown) => { throw new Error(`${String(error)}\n${worker.lastOutput}`); });
  assert.match(worker.lastOutput, saying);
  assert.equal(worker.exitCode, 1, worker.lastOutput);
}
