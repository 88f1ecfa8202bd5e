import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KnownReview, ReviewEvent, StreamMessage } from '#contracts';
import { admitReviews, contextOf, decodeReviews, defaultDecodeSettings } from './index.js';
import { message, review } from './testing.test.js';

interface Sketch { id: number; revision: number; content: number }
const sketches = fc.array(fc.record({ id: fc.integer({ min: 0, max: 3 }), revision: fc.integer({ min: 0, max: 3 }), content: fc.integer({ min: 0, max: 1 }) }), { maxLength: 30 });

function decoded(list: readonly Sketch[]): { events: ReviewEvent[]; messages: StreamMessage[] } {
  const messages = list.map(({ id, revision, content }, i) => message(JSON.stringify(review({ reviewId: `r${id}`, revision, text: `text ${content}` })), BigInt(i)));
  return { messages, events: decodeReviews(defaultDecodeSettings, messages).map((result) => (assert.ok(result.ok), result.event)) };
}

/** One event at a time against the whole history: what the rules say, done slowly. */
function slowly(list: readonly Sketch[]): string[] {
  return list.map((now, i) => {
    const outcomes = slowly(list.slice(0, i));
    const admitted = list.slice(0, i).filter((then, j) => then.id === now.id && /fresh|correction/.test(outcomes[j]!));
    const newest = admitted.at(-1);
    if (newest === undefined) return 'fresh';
    if (now.revision > newest.revision) return 'correction';
    if (now.revision < newest.revision) return 'stale_revision';
    return now.content === newest.content ? 'duplicate' : 'conflicting_revision';
  });
}

function remember(known: Map<string, KnownReview>, events: readonly ReviewEvent[]): void {
  for (const { productId, reviewId, revision, contentHash } of events) known.set(`${productId}\u0000${reviewId}`, { productId, reviewId, revision, contentHash });
}

function run(list: readonly Sketch[], cuts: readonly number[]): string[] {
  const { events, messages } = decoded(list);
  const outcomes = new Array<string>(list.length).fill('duplicate');
  const known = new Map<string, KnownReview>();
  const bounds = [0, ...[...cuts].map((cut) => Math.min(cut, list.length)).sort((a, b) => a - b), list.length];
  for (let b = 1; b < bounds.length; b += 1) {
    const batch = events.slice(bounds[b - 1], bounds[b]);
    const admission = admitReviews(batch, known, contextOf(messages));
    assert.equal(admission.fresh.length + admission.corrections.length + admission.rejections.length + admission.duplicates, batch.length);
    for (const event of admission.fresh) outcomes[Number(event.position.offset)] = 'fresh';
    for (const event of admission.corrections) outcomes[Number(event.position.offset)] = 'correction';
    for (const rejected of admission.rejections) {
      outcomes[Number(rejected.position.offset)] = rejected.code;
      assert.deepEqual(rejected.payload, messages[Number(rejected.position.offset)]!.value);
    }
    remember(known, admission.fresh);
    remember(known, admission.corrections);
  }
  return outcomes;
}

describe('admitting reviews', () => {
  it('agrees with the slow model, wherever the batches are cut', () => {
    const short = fc.array(fc.record({ id: fc.integer({ min: 0, max: 2 }), revision: fc.integer({ min: 0, max: 2 }), content: fc.integer({ min: 0, max: 1 }) }), { maxLength: 9 });
    fc.assert(fc.property(short, fc.array(fc.nat(9), { maxLength: 3 }), (list, cuts) => { assert.deepEqual(run(list, cuts), slowly(list)); }), { numRuns: 200 });
  });

  it('decides alike for one batch and for many', () => {
    fc.assert(fc.property(sketches, fc.array(fc.nat(30), { maxLength: 5 }), (list, cuts) => { assert.deepEqual(run(list, cuts), run(list, [])); }), { numRuns: 300 });
  });

  it('changes nothing when the whole stream is delivered again at its newest revisions', () => {
    const list = [{ id: 1, revision: 0, content: 0 }, { id: 2, revision: 2, content: 1 }];
    assert.deepEqual(run([...list, ...list], []), ['fresh', 'fresh', 'duplicate', 'duplicate']);
  });

  it('says which revision it expected', () => {
    const { events, messages } = decoded([{ id: 1, revision: 2, content: 0 }, { id: 1, revision: 1, content: 0 }, { id: 1, revision: 2, content: 1 }]);
    assert.deepEqual(admitReviews(events, new Map(), contextOf(messages)).rejections.map((rejected) => rejected.reason), [
      'Found revision 1 of review "r1"; expected a revision above 2, which is scored already.',
      'Found review "r1" again with revision 2 but other content; expected the same content, or revision 3 to correct it.',
    ]);
  });

  it('keeps the same review id of two products apart', () => {
    const messages = ['p1', 'p2'].map((productId, i) => message(JSON.stringify(review({ productId })), BigInt(i)));
    const events = decodeReviews(defaultDecodeSettings, messages).map((result) => (assert.ok(result.ok), result.event));
    assert.equal(admitReviews(events, new Map(), contextOf(messages)).fresh.length, 2);
  });
});
