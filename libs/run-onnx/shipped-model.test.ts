/** The review model that ships, through the ports: it opens, it reads, and it keeps the bit promise with its real weights. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type OpenModel, openModel } from './index.js';

function projectRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : projectRoot(dirname(from));
}

const PRAISE = ['Love it, works perfectly and the sound is great.', 'Excellent value, my kids are very happy with it!', 'Bardzo dobry, great app, best shows 😍'];
const BLAME = ['Stopped working after two days. Terrible, I want a refund.', 'Worst app ever, keeps crashing and support is useless', 'Waste of money, the battery died and the screen is broken.'];

describe('the shipped review model', () => {
  let model: OpenModel;
  before(async () => void (model = await openModel(join(projectRoot(import.meta.dirname), 'models', 'reviews-v1'), { encoderThreads: 2 })));
  after(() => model.close());

  it('tells plain blame from plain praise', async () => {
    const logits = (await model.encoder!.encode([...PRAISE, ...BLAME])).map(({ logit }) => logit);
    assert.ok(logits.slice(0, PRAISE.length).every((logit) => logit < 0), `praise: ${logits.join(', ')}`);
    assert.ok(logits.slice(PRAISE.length).every((logit) => logit > 0), `blame: ${logits.join(', ')}`);
  });

  it('points at words that carry the verdict', async () => {
    const [{ topWords }] = (await model.encoder!.encode(['I bought this in May for the kitchen and it is terrible, a refund please'])) as [Awaited<ReturnType<NonNullable<OpenModel['encoder']>['encode']>>[number]];
    assert.ok(topWords.some(({ word }) => word === 'terrible'), topWords.map(({ word }) => word).join(', '));
  });

  it('gives a text the same bits alone and among 300 others', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `${[...PRAISE, ...BLAME][i % 6]!} ${'It came on time. '.repeat(i % 37)}${i}`);
    const together = await model.encoder!.encode(texts);
    for (let i = 0; i < texts.length; i += 7) {
      const [alone] = await model.encoder!.encode([texts[i]!]);
      assert.deepEqual({ ...together[i]!, vector: [...together[i]!.vector] }, { ...alone!, vector: [...alone!.vector] });
    }
  });

  it('gives a product the same bits alone and among 200 others, step after step', async () => {
    const { stepper } = model;
    const batch = 200;
    const features = Float32Array.from({ length: batch * stepper.featureSize }, (_, i) => Math.sin(i * 78.233));
    const width = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
    let together: Record<string, Float32Array> = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(batch * width(shape))]));
    let alone: Record<string, Float32Array> = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(width(shape))]));
    const row = 123;
    for (let step = 0; step < 12; step += 1) {
      const all = await stepper.step(batch, features, together);
      const one = await stepper.step(1, features.slice(row * stepper.featureSize, (row + 1) * stepper.featureSize), alone);
      for (const { name, shape } of stepper.tensors) assert.deepEqual(all.states[name]!.slice(row * width(shape), (row + 1) * width(shape)), one.states[name]!.slice());
      for (const { name } of stepper.outputs) assert.equal(all.outputs[name]![row], one.outputs[name]![0]);
      together = { ...all.states };
      alone = { ...one.states };
    }
  });
});
