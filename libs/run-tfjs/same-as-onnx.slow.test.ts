/** The models that ship, one of PyTorch's, and two with seeded weights: on TensorFlow.js within 1e-5 of what they give on ONNX Runtime. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { StateStepper, StepResult } from '#contracts';
import { projectRoot } from '#load-config';
import { openModel as openOnOnnx } from '#run-onnx';
import { seededRandom } from '#seeded-random';
import type { OpenModel } from '#serve-models';
import { tinyModel, writeModel } from '../testkit/tiny-model.js';
import { openModel } from './index.js';

/** Of numbers above one, relative. */
const TOLERANCE = 1e-5;
const random = seededRandom(9);
const WORDS = ['good', 'bad', 'Battery', 'stopped', 'brokn', '🙂', '...', 'refund', 'the', 'naïve', '12', "don't", 'кошка', 'soooo', 'l0ve', 'screen', 'not'];
const madeUp = ['', '?!', ...Array.from({ length: 50 }, () => Array.from({ length: Math.floor(random() ** 2 * 80) }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' '))];
const realFile = join(projectRoot(), '../shared/data/reviews/googleplay_netflix_2024.jsonl.gz');

const widthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function assertNear(what: string, found: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(found.length, expected.length, what);
  for (let i = 0; i < found.length; i += 1) assert.ok(Math.abs(found[i]! - expected[i]!) <= TOLERANCE * Math.max(1, Math.abs(expected[i]!)), `${what}[${i}]: ${found[i]!}, on ONNX Runtime ${expected[i]!}`);
}

async function assertSameTexts(one: OpenModel, other: OpenModel, texts: readonly string[]): Promise<void> {
  const [found, expected] = await Promise.all([one, other].map((model) => model.encoder!.encode(texts)));
  texts.forEach((text, i) => {
    assertNear(`logit of '${text}'`, [found![i]!.logit], [expected![i]!.logit]);
    assert.equal(found![i]!.knownWords, expected![i]!.knownWords);
    assertNear(`vector of '${text}'`, found![i]!.vector, expected![i]!.vector);
    assertNear(`words of '${text}'`, found![i]!.topWords.map(({ weight }) => weight), expected![i]!.topWords.map(({ weight }) => weight));
  });
}

/** Each goes on from its own states, so that differences may add up. */
async function assertSameSteps(one: StateStepper, other: StateStepper): Promise<void> {
  const batch = 7;
  let states: StepResult['states'][] = [one, other].map((stepper) => Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(batch * widthOf(shape))])));
  for (let step = 0; step < 20; step += 1) {
    const features = Float32Array.from({ length: batch * one.featureSize }, () => 4 * random() - 2);
    const [found, expected] = await Promise.all([one, other].map((stepper, i) => stepper.step(batch, features, states[i]!)));
    for (const { name } of one.outputs) assertNear(`${name} at step ${step}`, found!.outputs[name]!, expected!.outputs[name]!);
    for (const { name } of one.tensors) assertNear(`${name} at step ${step}`, found!.states[name]!, expected!.states[name]!);
    states = [found!.states, expected!.states];
  }
}

const [made, selecting] = [writeModel(tinyModel()), writeModel(tinyModel({ selects: { over: 24, keep: 16 } }))];
after(() => [made, selecting].forEach((folder) => { rmSync(folder, { recursive: true }); }));

for (const [what, folder] of Object.entries({ 'reviews-v5': join(projectRoot(), 'models/reviews-v5'), 'the model of PyTorch': join(projectRoot(), 'libs/run-onnx/fixtures/pytorch'), 'a model with seeded weights': made, 'a model with hard attention': selecting })) {
  describe(`${what} on TensorFlow.js`, () => {
    let one: OpenModel;
    let other: OpenModel;
    before(async () => void ([one, other] = await Promise.all([openModel(folder, { encoderThreads: 1 }), openOnOnnx(folder, { encoderThreads: 1 })])));
    after(() => Promise.all([one.close(), other.close()]));

    it('reads made-up texts as on ONNX Runtime', () => assertSameTexts(one, other, madeUp));
    it('reads real reviews as on ONNX Runtime', { skip: existsSync(realFile) ? false : `${realFile} is absent: REAL REVIEWS WERE NOT READ` }, () => {
      const lines = gunzipSync(readFileSync(realFile)).toString('utf8').trimEnd().split('\n');
      return assertSameTexts(one, other, Array.from({ length: 50 }, (_, i) => (JSON.parse(lines[Math.floor((i * lines.length) / 50)]!) as { text: string }).text));
    });
    it('steps its states as on ONNX Runtime', () => assertSameSteps(one.stepper, other.stepper));
    it('has no graph for stretches', () => assert.equal(one.stepper.sequence, undefined));
  });
}

describe('quotes-v2 on TensorFlow.js', () => {
  it('steps its states as on ONNX Runtime', async () => {
    const folder = join(projectRoot(), 'models/quotes-v2');
    const [one, other] = await Promise.all([openModel(folder, { encoderThreads: 1 }), openOnOnnx(folder, { encoderThreads: 1 })]);
    await assertSameSteps(one.stepper, other.stepper);
    await Promise.all([one.close(), other.close()]);
  });
});

describe('a folder that cannot be served on TensorFlow.js', () => {
  it('is refused with the same sentences', async () => {
    const { manifest, files } = tinyModel();
    const folder = writeModel({ manifest: { ...manifest, state: { ...manifest.state, tensors: manifest.state.tensors.map((tensor) => ({ ...tensor, name: tensor.name === 'h' ? 'hidden' : tensor.name })) } }, files });
    await assert.rejects(openModel(folder, { encoderThreads: 1 }), /state\.onnx has no input 'hidden' \(it has features, h, c, memory\)/);
    rmSync(folder, { recursive: true });
  });
});
