/**
 * What an epoch of the trainer costs: an LSTM with attention over words alone, all sizes 64 and 20,000 words, 200,000 texts of 64 tokens
 * in batches of 64, the shape for which the comparison of engines has its figures. Steps of both halves in one thread and in two take
 * turns with one half's gradient graph alone: the same matrix work without gathering, sums and Adam.
 * Usage: node dist/test/bench/train.js [--steps 40] [--rounds 5]
 */
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { readerNetwork, sizeOf, startParameters } from '#models';
import { seededRandom } from '#seeded-random';
import { SHARDS, type SharedTraining, type SharedValues } from '../../libs/train-models/shard.js';
import { openShards } from '../../libs/train-models/shards.js';
import { median } from './support/sample.js';

const { values: options } = parseArgs({ options: { steps: { type: 'string', default: '40' }, rounds: { type: 'string', default: '5' } } });
const [SIZE, WORDS, TOKENS, BATCH, EPOCH] = [64, 20_000, 64, 64, 200_000];
const TEXTS = 4_096;
const random = seededRandom(7);
const { serving: _, ...network } = readerNetwork({ cell: 'lstm', pooling: 'attention' }, { tokenSize: SIZE, hiddenSize: SIZE, attentionSize: SIZE, slots: 1 });

const sharedFloats = (count: number) => new Float32Array(new SharedArrayBuffer(count * 4));
const sharedIntegers = (values: ArrayLike<number>) => { const shared = new Int32Array(new SharedArrayBuffer(values.length * 4)); shared.set(values); return shared; };

function shared(): SharedTraining {
  const values = (begun: Float32Array): SharedValues => {
    const [now, average] = [sharedFloats(begun.length), sharedFloats(begun.length)];
    now.set(begun);
    average.set(begun);
    return { values: now, average, first: sharedFloats(begun.length), second: sharedFloats(begun.length) };
  };
  const dense = Float32Array.from(Object.values(startParameters(network.shapes, random)).flatMap((p) => [...p]));
  const targets = sharedFloats(TEXTS).map(() => (random() < 0.5 ? 1 : 0));
  return {
    network, targets, weights: sharedFloats(TEXTS).fill(1), dense: values(dense), table: values(Float32Array.from({ length: WORDS * SIZE }, (_, i) => (i < SIZE ? 0 : 0.1 * (random() - 0.5)))),
    set: { slots: 1, knownAlone: true, rows: sharedIntegers(Int32Array.from({ length: TEXTS * TOKENS }, () => 1 + Math.floor(random() * random() * (WORDS - 1)))), offsets: sharedIntegers(Int32Array.from({ length: TEXTS }, (_, i) => i * TOKENS)), lengths: sharedIntegers(new Int32Array(TEXTS).fill(TOKENS)) },
    denseGradients: Array.from({ length: SHARDS }, () => sharedFloats(dense.length)),
    rows: Array.from({ length: SHARDS }, () => sharedIntegers(new Int32Array(1 + BATCH * TOKENS))),
    rowGradients: Array.from({ length: SHARDS }, () => sharedFloats(BATCH * TOKENS * SIZE)),
  };
}

const graph = await ort.InferenceSession.create(network.training, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', enableMemPattern: false, logSeverityLevel: 3 });
const half = BATCH / SHARDS;
const feed = (shape: readonly number[], value: () => number) => new ort.Tensor('float32', Float32Array.from({ length: sizeOf(shape) }, value), shape);
const parameters = Object.fromEntries(Object.entries(network.shapes).map(([name, shape]) => [name, feed(shape, () => 0.1 * (random() - 0.5))]));
const given = { tokens: feed([TOKENS, half, SIZE], () => 0.1 * (random() - 0.5)), mask: feed([half, TOKENS], () => 0), lengths: new ort.Tensor('int64', new BigInt64Array(half).fill(BigInt(TOKENS)), [half]), zero: feed([half, SIZE], () => 0), keep: feed([half, network.pooledSize], () => 1), target: feed([half, 1], () => (random() < 0.5 ? 1 : 0)), weight: feed([half, 1], () => 1 / BATCH), ...parameters };

const one = await openShards(shared(), 1);
const two = await openShards(shared(), 2);
let step = 0;
const batch = () => ({ texts: Array.from({ length: BATCH }, (_, i) => (step * BATCH + i) % TEXTS), seed: step, wordDropout: 0, tokenDropout: 0, vectorDropout: 0 });
const rivals = {
  'one thread': () => one.step(batch(), step, 1e-3),
  'two threads': () => two.step(batch(), step, 1e-3),
  'graph alone, both halves': async () => { for (let shard = 0; shard < SHARDS; shard += 1) await graph.run(given); },
};
const took: Record<string, number[]> = {};
for (let round = -1; round < Number(options.rounds); round += 1) {
  for (const [name, rival] of Object.entries(rivals)) {
    const from = performance.now();
    for (let n = 0; n < Number(options.steps); n += 1) {
      step += 1;
      await rival();
    }
    if (round >= 0) (took[name] ??= []).push((performance.now() - from) / Number(options.steps));
  }
}
for (const [name, times] of Object.entries(took)) console.log(`${name.padEnd(26)} ${median(times).toFixed(1)} ms a step (fastest round ${Math.min(...times).toFixed(1)}): an epoch of ${EPOCH.toLocaleString('en')} texts in ${((median(times) * EPOCH) / BATCH / 1e3).toFixed(0)} s`);
const ratio = (a: string, b: string) => median(took[a]!.map((time, round) => time / took[b]![round]!)).toFixed(2);
console.log(`two threads are ${ratio('one thread', 'two threads')} times as fast as one; one thread takes ${ratio('one thread', 'graph alone, both halves')} times as long as the graph alone`);
await Promise.all([one.close(), two.close(), graph.release()]);
