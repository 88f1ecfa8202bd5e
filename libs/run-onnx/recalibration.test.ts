import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import type { ModelManifest } from '#contracts';
import { freshState, placeOfSource, recalibrateInOrder, REVIEW_FEATURES_BESIDE_VECTOR, reviewFeatures, scoreRounds, type SourceState } from '#score-with-state';
import type { OpenModel } from '#serve-models';
import { openModel } from './index.js';
import { tinyModel, writeModel } from '../testkit/tiny-model.js';

const RECALIBRATION = { intercept: 0.2, slope: 0.02, vector: 0.01, drift: 0.001 };

function withRecalibration(recalibration: ModelManifest['state']['recalibration']): { manifest: ModelManifest; files: Record<string, Uint8Array> } {
  const { manifest, files } = tinyModel();
  return { manifest: { ...manifest, state: { ...manifest.state, ...(recalibration === undefined ? {} : { recalibration }) } }, files };
}

const opened = new Map<string, Promise<OpenModel>>();
const modelWith = (recalibration: ModelManifest['state']['recalibration']): Promise<OpenModel> => {
  const key = JSON.stringify(recalibration) ?? '';
  if (!opened.has(key)) {
    const folder = writeModel(withRecalibration(recalibration));
    opened.set(key, openModel(folder, { encoderThreads: 1 }).finally(() => rmSync(folder, { recursive: true })));
  }
  return opened.get(key)!;
};

/** A product's reviews with these stars, and where asked its source's. @returns log odds of each, and the state after them */
async function scored(recalibration: ModelManifest['state']['recalibration'], stars: readonly (number | null)[], sources: ReadonlyMap<number, SourceState> | null = null) {
  const { stepper, recalibrator } = await modelWith(recalibration);
  const reviews = stars.map((rating, i) => ({ productId: 'p', source: 's', rating, i }));
  const vectorOf = (i: number) => Float32Array.from({ length: stepper.featureSize - REVIEW_FEATURES_BESIDE_VECTOR }, (_, j) => Math.sin(i + j));
  const stepped = await scoreRounds(stepper, reviews.map((review) => [review]), new Map(), (entity) => freshState(entity, stepper, 0n, null), {
    entityOf: ({ productId }) => productId, at: ({ i }) => i, labelOf: () => null,
    featuresAt: ({ i, rating }, lastEventAt) => reviewFeatures({ vector: vectorOf(i), logit: i - 2 }, { rating, reviewedAt: i }, lastEventAt, 1),
    finish: (event, tracker: null, outputs) => ({ tracker, result: { event, logit: outputs['logit']![0]!, vector: vectorOf(event.i) } }),
  });
  const { logits, states, ...rest } = recalibrateInOrder(recalibrator, stepped.results, stepped.states, sources);
  return { logits: [...logits.values()], product: states.get('p')!.hidden, sources: rest.sources };
}

describe('a model with recalibration', () => {
  after(async () => {
    for (const model of opened.values()) await (await model).close();
  });

  it('is opened and probed with two state tensors more, in stretches as step by step', async () => {
    const { stepper } = await modelWith(RECALIBRATION);
    assert.deepEqual(stepper.tensors.slice(3).map(({ name, shape }) => [name, ...shape]), [['recalibration.weights', 66], ['recalibration.shrunk', 66]]);
    assert.ok(stepper.sequence !== undefined);
  });

  it('gives a product without stars the log odds of the model alone, to the bit', async () => {
    const none = [null, null, null, null, null];
    assert.deepEqual((await scored(RECALIBRATION, none)).logits, (await scored(undefined, none)).logits);
  });

  it('reads one and two stars as negative and three as not, from the next review on', async () => {
    const after = async (first: number) => (await scored(RECALIBRATION, [first, null])).product['recalibration.weights']![0]!;
    const [one, two, three, five] = await Promise.all([1, 2, 3, 5].map(after));
    assert.equal(one, two);
    assert.equal(three, five);
    assert.ok(one! > 0 && three! < 0, `${one} and ${three}`);
    const [first] = (await scored(RECALIBRATION, [1, 1])).logits;
    assert.equal(first, (await scored(undefined, [1, 1])).logits[0]);
  });

  it('learns of a source only where its prior is given, and then for its other products too', async () => {
    const stars = [1, 1, 1, 1, 1];
    assert.equal((await scored(RECALIBRATION, stars, new Map())).sources.size, 0);
    const withSource = { ...RECALIBRATION, source: RECALIBRATION };
    const { sources } = await scored(withSource, stars, new Map());
    const [[place, { source, hidden }]] = [...sources] as [[number, SourceState]];
    assert.equal(source, 's');
    assert.ok(hidden['recalibration.weights']![0]! > 0);
    const other = async (known: ReadonlyMap<number, SourceState>) => (await scored(withSource, [null], known)).logits[0]!;
    assert.ok(await other(sources) > await other(new Map()));
    assert.equal(await other(new Map()), (await scored(undefined, [null])).logits[0]);
    assert.equal(place, placeOfSource('s'));
  });

  it('is refused where the prior is none', async () => {
    const folder = writeModel(withRecalibration({ ...RECALIBRATION, slope: -1 }));
    await assert.rejects(openModel(folder, { encoderThreads: 1 }).finally(() => rmSync(folder, { recursive: true })), /model\.json state\.recalibration\.slope: .*>0/);
    const half = writeModel(withRecalibration({ ...RECALIBRATION, source: { intercept: 0.1 } } as ModelManifest['state']['recalibration']));
    await assert.rejects(openModel(half, { encoderThreads: 1 }).finally(() => rmSync(half, { recursive: true })), /state\.recalibration\.source\.slope/);
  });
});
