/**
 * The crash test: the same stream once disturbed and once undisturbed must leave the same bytes in every table.
 * Disturbed means workers killed with SIGKILL at random moments while they commit, frozen with SIGSTOP past the session
 * timeout and resumed as zombies, and rebalanced by members that come and go; messages keep arriving meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { OutgoingMessage, StreamProducer } from '#contracts';
import { createKafkaProducer } from '#consume-kafka';
import { createTestDatabase, describeDifference, dropTestDatabase } from '../../../libs/testkit/index.js';
import { seededRandom } from '#seeded-random';
import { makeStream, type TestStream } from '../support/messages.js';
import { until } from '../support/until.js';
import { WorkerProcess } from '../support/worker-process.js';

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  readonly brokers: string;
  /** Compiled entry of the review worker under test: the real one, or the deliberately broken twin. */
  readonly reviewWorker: string;
  readonly say: (line: string) => void;
}

export interface CrashResult {
  readonly kills: number;
  readonly freezes: number;
  readonly membersCome: number;
  /** What differs between the two databases, in words; empty when they are equal. */
  readonly difference: string;
  readonly stream: TestStream;
  readonly seconds: number;
}

const QUOTE_WORKER = 'apps/quote-worker/main.js';
const SESSION_TIMEOUT_MS = 1_500;
const MESSAGES_PER_KILL = 450;
const SLICES_PER_STRIKE = 8;
const SLICE_EVERY_MS = 200;

export async function crashTest(options: CrashOptions): Promise<CrashResult> {
  const { kills, seed, brokers, say } = options;
  const begun = Date.now();
  const stream = makeStream(seed, Math.max(4_000, kills * MESSAGES_PER_KILL), Math.max(150, kills * 12));
  const mark = `${process.pid}-${begun}`;
  const topics = { reviews: `crash-reviews-${mark}`, quotes: `crash-quotes-${mark}` };
  const producer = createKafkaProducer({ brokers: brokers.split(','), tls: false, sasl: null, clientId: 'crash-test' });
  await producer.start();
  await producer.ensureTopic(topics.reviews, 4);
  await producer.ensureTopic(topics.quotes, 2);
  const disturbedDatabase = await createTestDatabase();
  const calmDatabase = await createTestDatabase();
  const environment = (database: { url: string }, group: string) => ({
    DATABASE_URL: database.url, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `${group}-${mark}`, REVIEWS_TOPIC: topics.reviews, QUOTES_TOPIC: topics.quotes,
    KAFKA_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS), KAFKA_FETCH_BYTES: '20000', ENCODER_THREADS: '1', STALL_SECONDS: '600',
  });
  const feed = new Feed(producer, topics, stream, kills);
  const chaos = new Chaos(options, environment(disturbedDatabase, 'disturbed'), disturbedDatabase.url, feed);
  const calm: WorkerProcess[] = [];
  try {
    const fed = feed.run();
    const counts = await chaos.run();
    feed.hurry();
    await fed;
    const total = BigInt(stream.reviews.length + stream.quotes.length);
    say(`${counts.kills} kills, ${counts.freezes} freezes, ${counts.membersCome} members came and went; letting the rest be consumed`);
    await chaos.finish(total);
    say('the same stream, undisturbed');
    calm.push(...[options.reviewWorker, QUOTE_WORKER].map((entry) => new WorkerProcess(entry, environment(calmDatabase, 'calm'))));
    await Promise.all(calm.map((worker) => worker.ready));
    await untilConsumed(calmDatabase.url, total, calm);
    await Promise.all(calm.map((worker) => worker.stop()));
    const difference = await compare(disturbedDatabase.url, calmDatabase.url);
    return { ...counts, difference, stream, seconds: (Date.now() - begun) / 1000 };
  } finally {
    // What a failure leaves running would keep this process alive.
    await Promise.all([...chaos.workers, ...calm].map((worker) => worker.kill()));
    await producer.stop();
    for (const { name } of [disturbedDatabase, calmDatabase]) await dropTestDatabase(name);
  }
}

/**
 * Sends the stream in slices, so many for each strike that there is always something to commit when the next one falls, and
 * all that is left at the end. Order within a key is kept.
 */
class Feed {
  private allowed = 0;
  private readonly slices: number;
  private wake = (): void => undefined;

  constructor(private readonly producer: StreamProducer, private readonly topics: { reviews: string; quotes: string }, private readonly stream: TestStream, kills: number) {
    this.slices = kills * SLICES_PER_STRIKE * 1.5;
  }

  release(): void {
    this.allowed += SLICES_PER_STRIKE;
    this.wake();
  }

  hurry(): void {
    this.allowed = Infinity;
    this.wake();
  }

  async run(): Promise<void> {
    const slice = (messages: readonly OutgoingMessage[], n: number) => messages.slice(Math.floor((messages.length * n) / this.slices), Math.floor((messages.length * (n + 1)) / this.slices));
    for (let n = 0; n < this.slices; n += 1) {
      while (n >= this.allowed) await new Promise<void>((done) => { this.wake = done; });
      await this.producer.send(this.topics.reviews, slice(this.stream.reviews, n));
      await this.producer.send(this.topics.quotes, slice(this.stream.quotes, n));
      if (this.allowed < Infinity) await sleep(SLICE_EVERY_MS);
    }
  }
}

class Chaos {
  private readonly random: () => number;
  workers: WorkerProcess[] = [];
  private readonly counts = { kills: 0, freezes: 0, membersCome: 0 };

  constructor(private readonly options: CrashOptions, private readonly environment: Readonly<Record<string, string>>, private readonly databaseUrl: string, private readonly feed: Feed) {
    this.random = seededRandom(options.seed + 1);
  }

  async run(): Promise<{ kills: number; freezes: number; membersCome: number }> {
    const { reviewWorker, kills, say } = this.options;
    for (const entry of [reviewWorker, reviewWorker, QUOTE_WORKER]) this.add(entry);
    while (this.counts.kills < kills) {
      const before = await consumed(this.databaseUrl);
      this.feed.release();
      // Strike only while something is being committed, or an idle worker would be hit.
      await until('the workers to commit more', () => consumed(this.databaseUrl), (now) => now > before, 60_000, 20)
        .catch((error: unknown) => { throw new Error(`${String(error)}\n${this.outputs()}`); });
      await sleep(this.random() * 400);
      const target = this.workers[Math.floor(this.random() * this.workers.length)]!;
      const dice = this.random();
      if (dice < 0.08) await this.freeze(target);
      else if (dice < 0.16) await this.comeAndGo();
      else {
        await target.kill();
        this.counts.kills += 1;
        this.workers = this.workers.filter((worker) => worker !== target);
        this.add(target.entry);
        if (this.counts.kills % 5 === 0) say(`${this.counts.kills} of ${kills} kills`);
      }
    }
    return this.counts;
  }

  async finish(total: bigint): Promise<void> {
    await untilConsumed(this.databaseUrl, total, this.workers);
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  private add(entry: string): void {
    this.workers.push(new WorkerProcess(entry, this.environment));
  }

  /** Past the session timeout its partitions go to another member; resumed, it believes that it still holds them. */
  private async freeze(target: WorkerProcess): Promise<void> {
    target.signal('SIGSTOP');
    await sleep(SESSION_TIMEOUT_MS * 2);
    target.signal('SIGCONT');
    this.counts.freezes += 1;
  }

  private async comeAndGo(): Promise<void> {
    const guest = new WorkerProcess(this.options.reviewWorker, this.environment);
    await guest.ready.catch(() => undefined);
    await sleep(this.random() * 1_000);
    await guest.stop();
    this.counts.membersCome += 1;
  }

  private outputs(): string {
    return this.workers.map((worker) => `${worker.entry}: ${worker.lastOutput}`).join('\n');
  }
}

async function compare(disturbed: string, calm: string): Promise<string> {
  const clients = [disturbed, calm].map((url) => new Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    // Activations are dated by the clock alone.
    return await describeDifference(clients[0]!, clients[1]!, ['model_activation']);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function query<T>(databaseUrl: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows as T[];
  } finally {
    await client.end();
  }
}

async function consumed(databaseUrl: string): Promise<bigint> {
  const rows = await query<{ sum: string | null }>(databaseUrl, 'select sum(next_offset)::text as sum from tidewatch.stream_positions');
  return BigInt(rows[0]?.sum ?? 0);
}

async function untilConsumed(databaseUrl: string, total: bigint, workers: readonly WorkerProcess[]): Promise<void> {
  await until('every message to be consumed', () => consumed(databaseUrl), (sum) => sum >= total, 120_000)
    .catch((error: unknown) => { throw new Error(`${String(error)} of ${total}\n${workers.map((worker) => `${worker.entry}: ${worker.lastOutput}`).join('\n')}`); });
}
