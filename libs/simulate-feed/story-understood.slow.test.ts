/** The story is only worth telling if the shipped model and the detector see in it what it means to show. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ReviewEvent, SurgeRecord } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import { defaultSurgePrior, defaultSurgeSettings, freshSurgeTracker, observeReview } from '#detect-surge';
import { contributorsAmong, lexiconFrom } from '#explain-surge';
import { openModel } from '#run-onnx';
import { MAIN_SURGE, PRODUCTS, STORY_SPAN, tellStory } from './index.js';

const DAY = 86_400_000;
const start = Date.UTC(2026, 4, 1);
const modelFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'models', 'reviews-v5');

function reviewsOfTheStory(): ReviewEvent[] {
  const events = new Map<string, ReviewEvent>();
  const story = tellStory({ seed: 1, start });
  for (let next = story.next().value; next.at < start + STORY_SPAN; next = story.next().value) {
    if (next.stream !== 'reviews' || next.value === null) continue;
    const result = decodeReviews(defaultDecodeSettings, [{ topic: 'reviews', partition: 0, offset: BigInt(events.size), key: null, timestamp: next.at, value: Buffer.from(next.value) }])[0]!;
    if (result.ok && !events.has(result.event.reviewId)) events.set(result.event.reviewId, result.event);
  }
  return [...events.values()];
}

describe('the story, read by the shipped model and the detector', () => {
  it('is plain to the model, and holds one surge, which opens, eases and is closed within its ten days', async () => {
    const events = reviewsOfTheStory();
    const model = await openModel(modelFolder, { encoderThreads: 1 });
    const pNegative: number[] = [];
    try {
      for (let from = 0; from < events.length; from += 1_024) {
        const encoded = await model.encoder!.encode(events.slice(from, from + 1_024).map(({ title, text }) => (title === null ? text : `${title}\n${text}`)));
        pNegative.push(...encoded.map(({ logit }) => 1 / (1 + Math.exp(-logit / (model.manifest.temperature ?? 1)))));
      }
    } finally {
      await model.close();
    }
    const clear = events.map((event, i) => ({ rating: event.rating ?? 3, p: pNegative[i]! })).filter(({ rating }) => rating !== 3);
    const right = clear.filter(({ rating, p }) => (rating <= 2) === (p > 0.5)).length / clear.length;
    assert.ok(right > 0.99, `the model agrees with the stars in ${(100 * right).toFixed(1)} %`);

    const records: SurgeRecord[] = [];
    const trackers = new Map(PRODUCTS.map(({ id }) => [id, freshSurgeTracker(defaultSurgePrior)]));
    events.forEach(({ productId, reviewedAt: at }, i) => {
      const step = observeReview(defaultSurgeSettings, trackers.get(productId)!, { productId, at, pNegative: pNegative[i]! }, 'test');
      trackers.set(productId, step.tracker);
      records.push(...step.records);
    });
    assert.deepEqual([...new Set(records.map((record) => record.productId))], [PRODUCTS[MAIN_SURGE.product]!.id]);
    assert.deepEqual(records.filter((record) => record.status === 'opened' || record.status === 'closed').map((record) => record.status), ['opened', 'closed']);
    assert.ok(records.some((record) => record.status === 'worsening') && records.some((record) => record.status === 'easing'));
    const opened = records[0]!.at - start;
    const closed = records.at(-1)!.at - start;
    assert.ok(opened - MAIN_SURGE.from < 6 * 3_600_000, `opened ${((opened - MAIN_SURGE.from) / 3_600_000).toFixed(1)} h after the onset`);
    assert.ok(closed - MAIN_SURGE.until < 1.5 * DAY, `closed ${((closed - MAIN_SURGE.until) / DAY).toFixed(2)} days after the end`);
    const told = records.at(-1)!;
    const among = (from: number, to: number, negative: boolean) => events.filter(({ productId, reviewedAt }, i) => productId === told.productId && reviewedAt >= from && reviewedAt <= to && pNegative[i]! >= 0.5 === negative);
    const contributors = contributorsAmong(among(told.startedAt, told.at, true), among(0, told.startedAt - 1, true), among(told.startedAt, told.at, false), lexiconFrom({ aspects: {} }, 'none').aspectsOf(null));
    assert.ok(contributors.some(({ kind, value }) => kind === 'version' && value === '8.2'), JSON.stringify(contributors));
  });
});
