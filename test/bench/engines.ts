/**
 * The two engines beside each other: the same reviews encoded and the same states stepped by the shipped model, one thread each,
 * taking turns in every round. Printed are medians over the rounds and how many times as fast ONNX Runtime is.
 * Usage: node dist/test/bench/engines.js [--model models/reviews-v5] [--data ../shared/data/reviews] [--texts 256] [--rounds 5]
 */
import { parseArgs } from 'node:util';
import type { StateStepper, StepResult } from '#contracts';
import { openModel as openOnOnnx } from '#run-onnx';
import { openModel as openOnTensorFlow } from '#run-tfjs';
import type { OpenModel } from '#serve-models';
import { median, sampleReviews } from './support/sample.js';

const { values: options } = parseArgs({ options: { model: { type: 'string', default: 'models/reviews-v5' }, data: { type: 'string', default: '../shared/data/reviews' }, texts: { type: 'string', default: '256' }, rounds: { type: 'string', default: '5' } } });
const KEYS = 32;
const STEPS = 20;

const texts = sampleReviews({ folder: options.data, count: Number(options.texts), products: 1, seed: 5 }).map(({ text }) => text);
const engines = { 'ONNX Runtime': await openOnOnnx(options.model, { encoderThreads: 1 }), 'TensorFlow.js': await openOnTensorFlow(options.model, { encoderThreads: 1 }) };
const took = new Map<string, number[]>();

for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const [name, { encoder, stepper }] of Object.entries(engines)) {
    await timed(`${name}: encode`, () => encoder!.encode(texts));
    await timed(`${name}: step`, () => stepAll(stepper));
  }
}
for (const [what, count, unit] of [['encode', texts.length, 'texts'], ['step', KEYS * STEPS, 'reviews']] as const) {
  const [onnx, tensorFlow] = Object.keys(engines).map((name) => median(took.get(`${name}: ${what}`)!)) as [number, number];
  console.log(`${what.padEnd(7)} ONNX Runtime ${perSecond(count, onnx)} ${unit}/s, TensorFlow.js ${perSecond(count, tensorFlow)} ${unit}/s: ${(tensorFlow / onnx).toFixed(0)} times as fast`);
}
await Promise.all(Object.values(engines).map((model: OpenModel) => model.close()));

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  took.set(name, [...(took.get(name) ?? []), performance.now() - from]);
}

async function stepAll(stepper: StateStepper): Promise<void> {
  let states: StepResult['states'] = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(KEYS * shape.reduce((a, b) => a * b, 1))]));
  const features = Float32Array.from({ length: KEYS * stepper.featureSize }, (_, i) => Math.sin(i * 78.233));
  for (let step = 0; step < STEPS; step += 1) states = (await stepper.step(KEYS, features, states)).states;
}

function perSecond(count: number, ms: number): string {
  return Math.round((1000 * count) / ms).toLocaleString('en');
}
