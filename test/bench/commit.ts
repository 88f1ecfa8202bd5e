/**
 * The commit against a plain binary COPY of the same rows into a bare table, interleaved in one run; medians and their ratio.
 * The rival gets rows that were encoded beforehand, no index, no partition, no state, no position: the floor.
 *
 *   DATABASE_URL=... node dist/test/bench/commit.js [--rows 1000] [--states 300] [--commits 40] [--rounds 5] [--hidden 2600] [--parallel 1] [--json]
 *
 * CPU is user + system time of this process (and of the server's backends, where /proc has it) per review row.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createPostgresStore, migrate } from '#commit-postgres';
import { sampleBatch, sampleReview, sampleState } from '#testkit';
import type { BatchCommit, Lease } from '#contracts';

const { values } = parseArgs({ options: {
  rows: { type: 'string', default: '1000' }, states: { type: 'string', default: '300' }, commits: { type: 'string', default: '40' }, rounds: { type: 'string', default: '5' },
  hidden: { type: 'string', default: '2600' }, entities: { type: 'string', default: '5000' }, parallel: { type: 'string', default: '1' }, json: { type: 'boolean', default: false },
} });
const [ROWS, STATES, COMMITS, ROUNDS, HIDDEN, ENTITIES, PARALLEL] = [values.rows, values.states, values.commits, values.rounds, values.hidden, values.entities, values.parallel].map(Number) as [number, number, number, number, number, number, number];

const server = process.env['DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'];
if (server === undefined) throw new Error('set DATABASE_URL to a server where a database may be created');
const database = `bench_${process.pid}`;
const url = new URL(server);
url.pathname = `/${database}`;

const admin = new pg.Client({ connectionString: server });
await admin.connect();
await admin.query(`CREATE DATABASE ${database}`);
await migrate(url.href);
const plain = new pg.Client({ connectionString: url.href });
await plain.connect();
await plain.query('CREATE TABLE public.plain (LIKE internal.review_score INCLUDING DEFAULTS)');
const columns = 'topic, partition, "offset", reviewed_at, product_id, product_name, review_id, revision, superseded_by, rating, title, text, lang, source, region, app_version, verified, extra, p_negative, p_negative_text, expected_negative, top_words, model_id';
const store = createPostgresStore({ databaseUrl: url.href, poolSize: PARALLEL + 1 });

const versions = new Map<string, bigint>();
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

/** One partition's next batch: ROWS reviews over STATES of its own share of the entities, in rotation. */
function batchOf(lease: Lease, turn: number): BatchCommit {
  const share = Math.floor(ENTITIES / PARALLEL);
  const names = Array.from({ length: STATES }, (_, i) => `product-${lease.partition * share + ((turn * 131 + i * 7) % share)}`);
  const touched = [...new Set(names)];
  const states = touched.map((entity) => {
    const before = versions.get(entity) ?? 0n;
    versions.set(entity, before + 3n);
    return { state: sampleState(entity, before + 3n, HIDDEN), expectedVersion: before };
  });
  const reviews = Array.from({ length: ROWS }, (_, i) => sampleReview(lease.nextOffset + BigInt(i), { productId: touched[i % touched.length]!, partition: lease.partition }));
  return sampleBatch(lease, lease.nextOffset + BigInt(ROWS), { reviews, states });
}

/** CPU seconds of all client backends of the bench database, from /proc; null where there is none. */
async function serverCpu(): Promise<number | null> {
  const { rows } = await admin.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE datname = $1', [database]);
  try {
    return rows.reduce((sum, { pid }) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return sum + (Number(fields[11]) + Number(fields[12])) / 100;
    }, 0);
  } catch {
    return null;
  }
}

interface Figure { readonly rowsPerSecond: number; readonly cpuMicros: number; readonly serverMicros: number | null }

async function measured(work: () => Promise<void>): Promise<Figure> {
  const rows = ROWS * COMMITS * PARALLEL;
  const [cpu, before, start] = [process.cpuUsage(), await serverCpu(), performance.now()];
  await work();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const after = await serverCpu();
  return { rowsPerSecond: rows / seconds, cpuMicros: (used.user + used.system) / rows, serverMicros: before === null || after === null ? null : ((after - before) * 1e6) / rows };
}

const leases = await Promise.all(Array.from({ length: PARALLEL }, (_, partition) => store.acquireLease({ topic: 'reviews.v1', partition }, 'bench')));
const tidewatch: Figure[] = [];
const copy: Figure[] = [];
for (let round = 0; round <= ROUNDS; round += 1) {
  // Batches are made outside the measurement; the leases move on inside it.
  const work = leases.map((lease) => Array.from({ length: COMMITS }, (_, i) => batchOf({ ...lease, nextOffset: lease.nextOffset + BigInt(i * ROWS) }, round * COMMITS + i)));
  const ours = await measured(async () => {
    await Promise.all(work.map(async (batches) => {
      for (const batch of batches) {
        const outcome = await store.commit(batch);
        if (outcome.kind !== 'committed') throw new Error(`found the outcome ${JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}, expected committed`);
      }
    }));
  });
  leases.forEach((lease, i) => { leases[i] = { ...lease, nextOffset: lease.nextOffset + BigInt(COMMITS * ROWS) }; });

  const encoded: Buffer[] = [];
  for (const [from, to] of work.flat().map((batch) => [batch.lease.nextOffset, batch.nextOffset] as const)) {
    const { rows } = await plain.query<{ n: number }>('SELECT count(*)::int AS n FROM internal.review_score WHERE partition = 0 AND "offset" >= $1 AND "offset" < $2', [String(from), String(to)]);
    if (rows[0]!.n !== ROWS) throw new Error(`found ${rows[0]!.n} rows of a batch, expected ${ROWS}`);
    encoded.push(await copyOut(`SELECT ${columns} FROM internal.review_score WHERE partition = 0 AND "offset" >= ${from} AND "offset" < ${to}`));
  }
  const theirs = await measured(async () => {
    for (const bytes of encoded) {
      await new Promise<void>((done, refuse) => {
        const stream = plain.query(copyFrom(`COPY public.plain (${columns}) FROM STDIN (FORMAT binary)`));
        stream.on('finish', done).on('error', refuse).end(bytes);
      });
    }
  });
  if (round === 0) continue; // warm-up
  tidewatch.push(ours);
  copy.push(theirs);
}

async function copyOut(sql: string): Promise<Buffer> {
  const { to } = await import('pg-copy-streams');
  const chunks: Buffer[] = [];
  for await (const chunk of plain.query(to(`COPY (${sql}) TO STDOUT (FORMAT binary)`))) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

await store.close();
await plain.end();
await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
await admin.end();

const summary = (figures: readonly Figure[]) => ({
  rowsPerSecond: Math.round(median(figures.map((figure) => figure.rowsPerSecond))),
  cpuMicrosPerRow: Number(median(figures.map((figure) => figure.cpuMicros)).toFixed(2)),
  serverCpuMicrosPerRow: Number(median(figures.map((figure) => figure.serverMicros ?? NaN)).toFixed(2)),
});
const result = { settings: { rows: ROWS, states: STATES, hidden: HIDDEN, commits: COMMITS, rounds: ROUNDS, parallel: PARALLEL }, commit: summary(tidewatch), plainCopy: summary(copy), ratio: Number(median(tidewatch.map((figure, i) => figure.rowsPerSecond / copy[i]!.rowsPerSecond)).toFixed(3)) };
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`commits of ${ROWS} reviews with ${STATES} states of ${HIDDEN * 1.25} bytes, ${PARALLEL} side by side; median of ${ROUNDS} rounds of ${COMMITS}`);
  console.table({ 'tidewatch commit': result.commit, 'plain binary COPY': result.plainCopy });
  console.log(`ratio ${result.ratio}`);
}
