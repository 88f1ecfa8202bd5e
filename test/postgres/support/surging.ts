/** A product whose surge has just opened, as its worker would commit it. */
import type { EntityState, SurgeRecord } from '#contracts';
import { type Calendar, EMPTY_CALENDAR, freshSurgeTracker, observeReview, surgePriorFrom, surgeSettings } from '#detect-surge';
import type { ReviewTracker } from '../../../apps/review-worker/review-tracker.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
export const tensors = [{ name: 'h', next: 'h_next', type: 'float32' as const, shape: [3] }];
export const hidden = { h: Float32Array.of(0.25, -1, 7) };

/** Two weeks of calm, then bad reviews until the detector opens a surge. */
export function surging(productId = 'kettle', calendar: Calendar = EMPTY_CALENDAR): { state: EntityState<ReviewTracker>; records: SurgeRecord[] } {
  const settings = calendar.settingsOf(surgeSettings({}), productId);
  let surge = freshSurgeTracker(surgePriorFrom({}));
  const records: SurgeRecord[] = [];
  let at = START;
  let version = 0n;
  const review = (pNegative: number, gap: number) => {
    at += gap;
    version += 1n;
    const step = observeReview(settings, surge, { productId, at, pNegative }, 'm');
    surge = step.tracker;
    records.push(...step.records);
  };
  for (let n = 0; n < 14 * 24; n += 1) review(n % 12 === 0 ? 0.95 : 0.02, HOUR);
  for (let n = 0; n < 300 && records.length === 0; n += 1) review(0.98, HOUR / 12);
  return { state: { entity: productId, version, modelId: 'm', snapshotId: 0n, label: 'Kettle', lastEventAt: at, hidden, tracker: { expected: 0.1, surge } }, records };
}
