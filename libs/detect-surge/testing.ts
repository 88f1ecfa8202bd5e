/** Seeded streams of scored reviews for the tests and the bench: Poisson or over-dispersed days, with rises to be found. */
import type { SurgeObservation, SurgeRecord } from '#contracts';
import { gamma, seededRandom } from '#seeded-random';
import { elapseSurge } from './elapse.js';
import { observeReview } from './observe.js';
import { DAY_MS, type SurgeSettings } from './settings.js';
import { freshSurgeTracker, type SurgeTracker } from './tracker.js';


export interface Rise {
  readonly from: number;
  readonly to: number;
  /** Factors on the rate of negatives and of the others. */
  readonly negatives: number;
  readonly others: number;
}

export interface Stream {
  readonly days: number;
  /** Reviews per day and share of them that are negative. */
  readonly perDay: number;
  readonly share: number;
  /** Negative binomial size of a day's count; Infinity is Poisson. Negatives and others swing apart. */
  readonly size: number;
  /** Quiet nights and busy evenings: the rate swings by this share over a day; 0 when absent. */
  readonly rhythm?: number;
  readonly rises: readonly Rise[];
}

export const START = Date.UTC(2024, 0, 1);

/** Observations in order of time. P(negative) of a true negative is about 0.88, of another about 0.05. `from` and `to` of rises are days. */
export function* streamOf(stream: Stream, seed: number, productId = 'p'): Generator<SurgeObservation> {
  const random = seededRandom(seed);
  for (let day = 0; day < stream.days; day += 1) {
    const swings = [gamma(stream.size, random), gamma(stream.size, random)] as const;
    const times: { at: number; negative: boolean }[] = [];
    for (const negative of [true, false]) {
      const rate = stream.perDay * (negative ? stream.share * swings[0] : (1 - stream.share) * swings[1]);
      const swing = stream.rhythm ?? 0;
      const top = (1 + swing) * Math.max(1, ...stream.rises.map((r) => (negative ? r.negatives : r.others)));
      for (let t = -Math.log(1 - random()) / (rate * top); t < 1; t += -Math.log(1 - random()) / (rate * top)) {
        const factor = stream.rises.reduce((f, r) => (day + t >= r.from && day + t < r.to ? f * (negative ? r.negatives : r.others) : f), 1 + swing * Math.cos(2 * Math.PI * (t - 0.8)));
        if (random() * top < factor) times.push({ at: day + t, negative });
      }
    }
    times.sort((a, b) => a.at - b.at);
    for (const { at, negative } of times) {
      const pNegative = negative ? 1 - 0.24 * random() : 0.1 * random();
      yield { productId, at: START + Math.round(at * DAY_MS), pNegative };
    }
  }
}

export function runAll(settings: SurgeSettings, observations: Iterable<SurgeObservation>, end: number | null = null, tracker: SurgeTracker = freshSurgeTracker({})): { tracker: SurgeTracker; records: SurgeRecord[] } {
  const records: SurgeRecord[] = [];
  let state = tracker;
  for (const observation of observations) {
    const step = observeReview(settings, state, observation, 'm');
    state = step.tracker;
    records.push(...step.records);
  }
  if (end !== null) {
    const step = elapseSurge(settings, state, 'p', end, 'm');
    return { tracker: step.tracker, records: [...records, ...step.records] };
  }
  return { tracker: state, records };
}
