/** The models that ship, through the ports: they open, they make sense, and they keep the bit promise with their real weights. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StateStepper } from '#contracts';
import type { OpenModel } from '#serve-models';
import { openModel } from './index.js';

function projectRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : projectRoot(dirname(from));
}
const shipped = (name: string) => join(projectRoot(import.meta.dirname), 'models', name);

const PRAISE = ['Love it, works perfectly and the sound is great.', 'Excellent value, my kids are very happy with it!', 'Bardzo dobry, great app, best shows 😍'];
const BLAME = ['Stopped working after two days. Terrible, I want a refund.', 'Worst app ever, keeps crashing and support is useless', 'Waste of money, the battery died and the screen is broken.'];

describe('the shipped review model', () => {
  let model: OpenModel;
  before(async () => void (model = await openModel(shipped('reviews-v5'), { encoderThreads: 2 })));
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

  it('knows the words of English, and few of other languages', async () => {
    const knownWords = async (texts: readonly string[]) => (await model.encoder!.encode(texts)).map((encoded) => encoded.knownWords!);
    for (const share of await knownWords([...PRAISE.slice(0, 2), ...BLAME])) assert.ok(share > 0.9, String(share));
    const others = [
      'Funktioniert nach zwei Tagen nicht mehr, sehr enttäuscht.', 'Ne fonctionne plus après deux jours, très déçu.', 'Dejó de funcionar a los dos días, muy decepcionado.',
      'Ha smesso di funzionare dopo due giorni, molto deluso.', 'Parou de funcionar depois de dois dias, muito decepcionado.', 'Werkt na twee dagen al niet meer, erg teleurgesteld.',
      'Przestało działać po dwóch dniach, jestem rozczarowany.', 'Перестал работать через два дня, очень разочарован.', 'İki gün sonra çalışmayı bıraktı, çok hayal kırıklığı.', '二日で動かなくなりました。とても残念です。',
    ];
    (await knownWords(others)).forEach((share, i) => assert.ok(share < 0.8, `${share}: ${others[i]!}`));
    assert.equal((await model.encoder!.encode(['!!! 12 🙂']))[0]!.knownWords, null);
  });

  it('gives a text the same bits alone and among 300 others', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `${[...PRAISE, ...BLAME][i % 6]!} ${'It came on time. '.repeat(i % 37)}${i}`);
    const together = await model.encoder!.encode(texts);
    for (let i = 0; i < texts.length; i += 7) {
      const [alone] = await model.encoder!.encode([texts[i]!]);
      assert.deepEqual({ ...together[i]!, vector: [...together[i]!.vector] }, { ...alone!, vector: [...alone!.vector] });
    }
  });

  it('gives a product the same bits alone and among 200 others, step after step', () => sameBitsInCompany(model.stepper));
});

describe('the shipped quote model', () => {
  let model: OpenModel;
  before(async () => void (model = await openModel(shipped('quotes-v2'), { encoderThreads: 1 })));
  after(() => model.close());

  it('has no encoder, and quantiles that ascend within each horizon', async () => {
    const { stepper, manifest } = model;
    assert.equal(model.encoder, null);
    const { quantiles } = (await stepper.step(1, wave(stepper.featureSize), zerosOf(stepper, 1))).outputs;
    const levels = manifest.levels!.length;
    quantiles!.forEach((value, i) => assert.ok(i % levels === 0 || value >= quantiles![i - 1]!, `quantile ${i}`));
    assert.equal(quantiles!.length, levels * manifest.horizons!.length);
  });

  it('gives a symbol the same bits alone and among 200 others, step after step', () => sameBitsInCompany(model.stepper));
});

const widthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * 78.233));
const zerosOf = (stepper: StateStepper, batch: number): Record<string, Float32Array> =>
  Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(batch * widthOf(shape))]));

async function sameBitsInCompany(stepper: StateStepper): Promise<void> {
  const batch = 200;
  const row = 123;
  const features = wave(batch * stepper.featureSize);
  const own = features.slice(row * stepper.featureSize, (row + 1) * stepper.featureSize);
  let together = zerosOf(stepper, batch);
  let alone = zerosOf(stepper, 1);
  for (let step = 0; step < 12; step += 1) {
    const all = await stepper.step(batch, features, together);
    const one = await stepper.step(1, own, alone);
    const rowOf = (data: Float32Array, { shape }: { shape: readonly number[] }) => [...data.slice(row * widthOf(shape), (row + 1) * widthOf(shape))];
    for (const spec of stepper.tensors) assert.deepEqual(rowOf(all.states[spec.name]!, spec), [...one.states[spec.name]!]);
    for (const spec of stepper.outputs) assert.deepEqual(rowOf(all.outputs[spec.name]!, spec), [...one.outputs[spec.name]!]);
    together = { ...all.states };
    alone = { ...one.states };
  }
}
