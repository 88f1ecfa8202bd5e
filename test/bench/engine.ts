/**
 * The engine alone, and the ports in front of it, on real review texts from memory; no broker, no database.
 * Usage: node dist/test/bench/engine.js [--model models/reviews-v5] [--data ../shared/data/reviews] [--texts 12000] [--rounds 5]
 * The rivals take turns in every round; printed are medians over the rounds, and the CPU time spent per review (on the
 * main thread as the kernel counts it, Linux only), which stays comparable where others use the machine.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { EncodedText, EntityState } from '../../libs/contracts/index.js';
import { roundsByKey } from '../../libs/batch-by-key/index.js';
import { openModel } from '../../libs/run-onnx/index.js';
import { createSession } from '../../libs/run-onnx/session.js';
import { createTextRunner, readModelFiles } from '../../libs/serve-models/index.js';
import { freshState, type KeyedStep, reviewFeatures, scoreRounds } from '../../libs/score-with-state/index.js';
import { seededRandom } from '#seeded-random';

const { values: options } = parseArgs({ options: { model: { type: 'string', default: 'models/reviews-v5' }, data: { type: 'string', default: '../shared/data/reviews' }, texts: { type: 'string', default: '12000' }, rounds: { type: 'string', default: '5' } } });
const BATCH = 1024;
const PARTITIONS = 4;
const PRODUCTS = 5000;

interface Review { readonly text: string; readonly key: string; readonly rating: number; readonly at: number }

const random = seededRandom(11);
const reviews = sample(Number(options.texts));
const batches = Array.from({ length: Math.ceil(reviews.length / BATCH) }, (_, i) => reviews.slice(i * BATCH, (i + 1) * BATCH));
const files = await readModelFiles(options.model, readFile);
const { encoder: spec } = files.manifest;
if (spec === undefined) throw new Error(`${options.model} has no encoder`);
const runner = await createTextRunner(createSession, { encoder: spec, model: files.bytes.get(spec.file)!, vocabulary: files.bytes.get(spec.tokenizer.vocabulary)! });
const [oneThread, twoThreads] = [await openModel(options.model, { encoderThreads: 1 }), await openModel(options.model, { encoderThreads: 2 })];
const temperature = files.manifest.temperature ?? 1;

const tokenized = batches.map((batch) => runner.tokenize(batch.map(({ text }) => text)));
const encoded = await encodeAll(oneThread);
const lengths = tokenized.flat().map(({ length }) => length).sort((a, b) => a - b);
console.log(`${reviews.length} reviews, tokens each: median ${lengths[lengths.length >> 1]}, mean ${(lengths.reduce((a, b) => a + b, 0) / lengths.length).toFixed(1)}, longest ${lengths.at(-1)}`);

const rivals: Record<string, () => Promise<unknown>> = {
  'engine: tokenize': async () => batches.forEach((batch) => runner.tokenize(batch.map(({ text }) => text))),
  'engine: encode, tokens given': async () => { for (const [i, batch] of batches.entries()) await runner.encode(batch.map(({ text }) => text), tokenized[i]!); },
  'engine: state step in rounds, features given': () => stepAll(encoded),
  'engine: all three, one thread': async () => {
    const rows: EncodedText[] = [];
    for (const batch of batches) {
      const texts = batch.map(({ text }) => text);
      const packed = await runner.encode(texts, runner.tokenize(texts));
      texts.forEach((text, row) => rows.push(packed.read(row, text)));
    }
    await stepAll(rows);
  },
  'port: encode, 1 worker': () => encodeAll(oneThread),
  'port: encode, 2 workers': () => encodeAll(twoThreads),
  'port: encode and step, 1 worker, 4 partitions': () => flowOf(oneThread),
  'port: encode and step, 2 workers, 4 partitions': () => flowOf(twoThreads),
};
const took: Record<string, { wall: number; main: number; all: number }[]> = {};
for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const [name, rival] of Object.entries(rivals)) {
    const [wall, main, all] = [performance.now(), mainThreadNs(), processCpu()];
    await rival();
    (took[name] ??= []).push({ wall: performance.now() - wall, main: (mainThreadNs() - main) / 1e3, all: processCpu() - all });
  }
}
for (const [name, rounds] of Object.entries(took)) {
  const wall = median(rounds.map((r) => r.wall));
  const main = median(rounds.map((r) => r.main)) / reviews.length;
  const all = median(rounds.map((r) => r.all)) / reviews.length;
  console.log(`${name.padEnd(48)} ${Math.round((1000 * reviews.length) / wall).toLocaleString('en').padStart(8)} reviews/s   ${main.toFixed(1).padStart(6)} us CPU each on the main thread, ${all.toFixed(1).padStart(6)} in the process`);
}
const single: number[] = [];
for (const { text } of reviews.slice(0, 500)) {
  const from = performance.now();
  await twoThreads.encoder!.encode([text]);
  single.push(performance.now() - from);
}
single.sort((a, b) => a - b);
console.log(`one text alone, 2 workers: p50 ${single[250]!.toFixed(2)} ms, p99 ${single[495]!.toFixed(2)} ms; memory of the process ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB`);
await Promise.all([oneThread.close(), twoThreads.close()]);

async function encodeAll(model: typeof oneThread): Promise<EncodedText[]> {
  const rows = await Promise.all(batches.map(async (batch) => model.encoder!.encode(batch.map(({ text }) => text))));
  return rows.flat();
}

/** What a worker does without its surroundings: partitions side by side, each batch encoded and then stepped in rounds. */
async function flowOf(model: typeof oneThread): Promise<void> {
  await Promise.all(Array.from({ length: PARTITIONS }, async (_, partition) => {
    const states = new Map<string, EntityState<null>>();
    for (const batch of batches) {
      const mine = batch.filter(({ key }) => Number(key) % PARTITIONS === partition);
      const rows = await model.encoder!.encode(mine.map(({ text }) => text));
      for (const [entity, state] of await stepBatch(model, mine, rows, states)) states.set(entity, state);
    }
  }));
}

async function stepAll(rows: readonly EncodedText[]): Promise<void> {
  const states = new Map<string, EntityState<null>>();
  for (const [i, batch] of batches.entries()) {
    for (const [entity, state] of await stepBatch(oneThread, batch, rows.slice(i * BATCH), states)) states.set(entity, state);
  }
}

async function stepBatch({ stepper }: typeof oneThread, batch: readonly Review[], rows: readonly EncodedText[], states: ReadonlyMap<string, EntityState<null>>) {
  const step: KeyedStep<{ review: Review; row: EncodedText }, null, number> = {
    entityOf: ({ review }) => review.key,
    at: ({ review }) => review.at,
    labelOf: () => null,
    featuresAt: ({ review, row }, lastEventAt) => reviewFeatures(row, { rating: review.rating, reviewedAt: review.at }, lastEventAt, temperature),
    finish: (_event, tracker, outputs) => ({ tracker, result: outputs.logit![0]! }),
  };
  const events = batch.map((review, i) => ({ review, row: rows[i]! }));
  const scored = await scoreRounds(stepper, roundsByKey(events, ({ review }) => review.key), states, (entity) => freshState(entity, stepper, 0n, null), step);
  return scored.states;
}

function sample(count: number): Review[] {
  const lines = readdirSync(options.data).filter((name) => name.endsWith('.jsonl.gz')).sort()
    .flatMap((name) => gunzipSync(readFileSync(join(options.data, name))).toString('utf8').trimEnd().split('\n'));
  const weights = Array.from({ length: PRODUCTS }, (_, i) => 1 / (i + 1)); // Zipf
  const total = weights.reduce((a, b) => a + b, 0);
  return Array.from({ length: count }, (_, i) => {
    const { text, rating } = JSON.parse(lines[Math.floor(random() * lines.length)]!) as { text: string; rating: number };
    let key = 0;
    for (let left = random() * total; left > weights[key]! && key < PRODUCTS - 1; key += 1) left -= weights[key]!;
    return { text, rating, key: String(key), at: 1_700_000_000_000 + i * 1000 };
  });
}

/** CPU microseconds of all threads. */
function processCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function mainThreadNs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
