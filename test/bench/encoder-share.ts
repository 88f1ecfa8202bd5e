/**
 * How much of a core's matrix peak the encoder makes use of: its useful multiply-adds a second (projections, recurrences, attention, head;
 * not look-ups, word pairs or pooling) beside those of a plain product of 1024 x 1024 matrices and of its LSTM operator alone, all on one
 * thread of the same engine, taking turns in one run.
 * Usage: node dist/test/bench/encoder-share.js [--model models/reviews-v5] [--tokens 64] [--rounds 40]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ENCODER_DIRECTIONS, ENCODER_SIZES, Graph, itemSizeOf, lstmOperator, readEncoder } from '#models';
import { createSession } from '../../libs/run-onnx/session.js';
import { seededRandom } from '#seeded-random';
import { median } from './support/sample.js';

const { values: options } = parseArgs({ options: { model: { type: 'string', default: 'models/reviews-v5' }, tokens: { type: 'string', default: '64' }, rounds: { type: 'string', default: '40' } } });
const T = Number(options.tokens);
const SIDE = 1024;
const { tokenSize: E, hiddenSize: H, attentionSize: A, vectorSize: D, slots } = ENCODER_SIZES;
const I = itemSizeOf(ENCODER_SIZES);
const ofLstm = 2 * 2 * (E + H) * 4 * H; // operations of a token, both directions
const ofToken = ofLstm + 2 * (I * A + A + I);
const ofText = 2 * (2 * I * D + D);
const random = seededRandom(3);
const numbers = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5);

const file = readFileSync(join(options.model, 'encoder.onnx'));
const [product, encoder, lstm] = await Promise.all([createSession(productGraph()), createSession(file), createSession(lstmGraph(readEncoder(file, ENCODER_SIZES).parameters))]);
const square = { a: { data: numbers(SIDE * SIDE), shape: [SIDE, SIDE] } };
console.log(`${T} tokens a text; useful operations a token: ${ofToken}, ${((100 * ofLstm) / ofToken).toFixed(0)} % of them the LSTM's`);
for (const B of [8, 32, 64, 128]) {
  const ids = Int32Array.from({ length: B * T * slots }, (_, i) => (i % slots === 0 ? 1 + Math.floor(random() * 30_000) : 0));
  const lengths = { data: new Int32Array(B).fill(T), shape: [B] };
  const x = { data: numbers(T * B * E), shape: [T, B, E] };
  const runs = [
    { name: 'plain product', operations: 2 * SIDE ** 3, run: () => product.run(square, ['c']) },
    { name: 'encoder', operations: B * (T * ofToken + ofText), run: () => encoder.run({ ids: { data: ids, shape: [B, T, slots] }, lengths }, ['vector', 'logit', 'attention']) },
    { name: 'LSTM alone', operations: B * T * ofLstm, run: () => lstm.run({ x, lengths }, ['hidden']) },
  ];
  const took: number[][] = runs.map(() => []);
  for (let round = -5; round < Number(options.rounds); round += 1) {
    for (const [which, { run }] of runs.entries()) {
      const from = performance.now();
      await run();
      if (round >= 0) took[which]!.push(performance.now() - from);
    }
  }
  const speed = (pick: (times: readonly number[]) => number) => runs.map(({ operations }, which) => operations / pick(took[which]!) / 1e6);
  const [middle, fastest] = [speed(median), speed((times) => Math.min(...times))];
  console.log(`${String(B).padStart(4)} texts: ${runs.map(({ name }, which) => `${name} ${middle[which]!.toFixed(1)}`).join(', ')} GFLOP/s; of the product's: ${runs.slice(1).map(({ name }, k) => `${name} ${((100 * middle[k + 1]!) / middle[0]!).toFixed(0)} % (fastest rounds ${((100 * fastest[k + 1]!) / fastest[0]!).toFixed(0)} %)`).join(', ')}`);
}

function productGraph(): Uint8Array {
  const g = new Graph('product');
  const a = g.input('a', 'float32', [SIDE, SIDE]);
  g.output(g.op('MatMul', [a, g.constant('b', [SIDE, SIDE], numbers(SIDE * SIDE))]), 'float32', [SIDE, SIDE], 'c');
  return g.toModel();
}

function lstmGraph(parameters: ReturnType<typeof readEncoder>['parameters']): Uint8Array {
  const g = new Graph('lstm');
  const x = g.input('x', 'float32', ['T', 'B', E]);
  const arrays = ENCODER_DIRECTIONS.map((name) => ({ input: parameters[`${name}.input`]!, recurrent: parameters[`${name}.recurrent`]!, bias: parameters[`${name}.bias`]! }));
  const { all } = lstmOperator(g, 'lstm', x, arrays, { inputSize: E, hiddenSize: H }, { lengths: g.input('lengths', 'int32', ['B']), h0: '', c0: '' });
  g.output(all, 'float32', ['T', 2, 'B', H], 'hidden');
  return g.toModel();
}
