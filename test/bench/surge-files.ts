/**
 * What the surge detector costs on review files, all their products in one stream in order of time, as a worker sees them: CPU of a review
 * (least and median of eleven rounds), and bytes of a product's state after each review, at rest and while a surge is open. Two stars or less are negative.
 * Usage: node dist/test/bench/surge-files.js FILE...
 */
import { basename } from 'node:path';
import type { SurgeObservation } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import { freshSurgeTracker, observeReview, surgeSettings, surgeTrackerCodec, type SurgeTracker } from '#detect-surge';
import { readReviews } from '../../apps/cli/backtest-read.js';

const settings = surgeSettings();
const ROUNDS = 11;
const sorted = (values: number[]) => values.sort((a, b) => a - b);

function play(observations: readonly SurgeObservation[], look: (tracker: SurgeTracker) => void = () => undefined): void {
  const trackers = new Map<string, SurgeTracker>();
  for (const observation of observations) {
    const { tracker } = observeReview(settings, trackers.get(observation.productId) ?? freshSurgeTracker({}), observation, 'stars');
    trackers.set(observation.productId, tracker);
    look(tracker);
  }
}

for (const file of process.argv.slice(2)) {
  const { messages } = await readReviews(file, { map: new Map(), needStars: true, now: Date.now() });
  const observations = decodeReviews(defaultDecodeSettings, messages).flatMap((result): SurgeObservation[] => (result.ok ? [{ productId: result.event.productId, at: result.event.reviewedAt, pNegative: result.event.rating! <= 2 ? 1 : 0 }] : []));
  const bytes = { rest: [] as number[], surge: [] as number[] };
  play(observations, (tracker) => bytes[tracker.episode === null ? 'rest' : 'surge'].push(surgeTrackerCodec.encode(tracker).length));
  const costs = sorted(Array.from({ length: ROUNDS }, () => {
    const from = process.cpuUsage();
    play(observations);
    const { user, system } = process.cpuUsage(from);
    return ((user + system) * 1000) / observations.length;
  }));
  const said = (values: number[]) => (values.length === 0 ? 'never' : `median ${sorted(values)[Math.floor(values.length / 2)]}, most ${values.at(-1)}`);
  console.log(`${basename(file)}: ${observations.length} reviews of ${new Set(observations.map(({ productId }) => productId)).size} products; bytes at rest ${said(bytes.rest)}; in a surge ${said(bytes.surge)}; ${costs[0]!.toFixed(0)} ns a review at least, median ${costs[Math.floor(ROUNDS / 2)]!.toFixed(0)}`);
}
