import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { EntityState, ReviewRecalibrator } from '#contracts';
import { freshState, recalibrateInOrder, type SourceState, type SteppedReview } from './index.js';

interface Review { readonly productId: string; readonly source: string | null; readonly rating: number | null }

const TENSOR = { name: 'taught', next: 'taught_next', type: 'float32', shape: [2] } as const;
const MODEL = { modelId: 'm', tensors: [TENSOR, { name: 'h', next: 'h_next', type: 'float32', shape: [3] } as const] };

/** What is taught depends on everything that came before and on its order. */
const recalibrator: ReviewRecalibrator = {
  sourceTensors: [TENSOR],
  productTensors: ['taught'],
  freshSource: () => ({ taught: new Float32Array(2) }),
  correct({ taught: own }, source, logit, vector, rating) {
    const corrected = logit + own![0]! + 2 * (source?.['taught']![0] ?? 0);
    if (rating !== null) for (const weights of [own!, ...(source === null ? [] : [source['taught']!])]) weights.set([0.7 * weights[0]! + 0.1 * corrected + rating * vector[0]!, weights[1]! + 1]);
    return corrected;
  },
};

const reviews = fc.array(fc.record({ productId: fc.constantFrom('a', 'b', 'c'), source: fc.constantFrom('x', 'y', null), rating: fc.option(fc.integer({ min: 1, max: 5 })) }), { minLength: 1, maxLength: 40 });

type States = ReadonlyMap<string, EntityState<null>>;
type Sources = ReadonlyMap<number, SourceState>;

/** In batches that end at `cuts`. */
function run(events: readonly Review[], cuts: readonly number[], { shares = true }: { shares?: boolean } = {}) {
  const logits: number[] = [];
  const states = new Map<string, EntityState<null>>();
  const sources = new Map<number, SourceState>();
  let from = 0;
  for (const to of [...cuts, events.length]) {
    const stepped = events.slice(from, to).map((event, i): SteppedReview<Review> => ({ event, logit: Math.sin(from + i), vector: Float32Array.of(Math.cos(from + i)) }));
    const touched: States = new Map(stepped.map(({ event: { productId } }) => [productId, states.get(productId) ?? freshState(productId, MODEL, 0n, null)]));
    const before = structuredClone([touched, sources]);
    const { logits: made, ...after } = recalibrateInOrder(recalibrator, stepped, touched, shares ? sources : null);
    assert.deepEqual([touched, sources], before, 'nothing given is changed');
    logits.push(...stepped.map(({ event }) => made.get(event)!));
    for (const [entity, state] of after.states) states.set(entity, state);
    for (const [place, state] of after.sources) sources.set(place, state);
    from = to;
  }
  return { logits, states: states as States, sources: sources as Sources };
}

describe('recalibration in the order of the stream', () => {
  it('gives the same bits however the stream is cut, and changes nothing that it was given', () => {
    fc.assert(fc.property(reviews, fc.array(fc.nat(40), { maxLength: 6 }), (events, places) => {
      const cuts = [...new Set(places.filter((place) => place < events.length))].sort((a, b) => a - b);
      assert.deepEqual(run(events, cuts), run(events, []));
    }));
  });

  it('passes what a source learns from product to product, apart from other sources and from reviews that name none', () => {
    const [one, ...others] = run(['x', 'x', 'y', null].map((source, i) => ({ productId: `p${i}`, source, rating: 5 })), []).logits;
    assert.equal(one, Math.sin(0));
    assert.notEqual(others[0], Math.sin(1));
    assert.deepEqual(others.slice(1), [Math.sin(2), Math.sin(3)]);
  });

  it('keeps the newest name of a source, and no row of one that nobody taught', () => {
    const { sources } = run([{ productId: 'a', source: 'x', rating: 5 }, { productId: 'b', source: 'y', rating: null }, { productId: 'a', source: null, rating: 1 }], []);
    assert.deepEqual([...sources.values()].map(({ source, hidden }) => [source, hidden['taught']![1]]), [['x', 1], [null, 1]]);
  });

  it('lets products learn each for itself where no sources are given', () => {
    const { logits, sources } = run(['a', 'b'].map((productId) => ({ productId, source: 'x', rating: 5 })), [], { shares: false });
    assert.deepEqual([logits, sources.size], [[Math.sin(0), Math.sin(1)], 0]);
  });

  it('leaves log odds and states as they are for a model without it', () => {
    const event = { productId: 'a', source: 'x', rating: 5 };
    const states: States = new Map([['a', freshState('a', MODEL, 0n, null)]]);
    const made = recalibrateInOrder(null, [{ event, logit: 0.3, vector: Float32Array.of(1) }], states, new Map());
    assert.deepEqual([made.logits.get(event), made.states, made.sources.size], [0.3, states, 0]);
  });
});
