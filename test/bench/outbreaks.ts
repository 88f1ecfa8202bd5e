/**
 * Weeks of case counts with labelled outbreaks (Robert Koch Institute): share of outbreak weeks found, and false weeks a year, over the
 * last 52 weeks of each series (before them Farrington has too few years). Limits as in the papers; ours at several budgets, counts only.
 * A week is found by ours while a surge is open and not yet easing. A week's cases are spread evenly over it.
 * Usage: node dist/test/bench/outbreaks.js [--data ../shared/data/anomaly]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { defaultFarrington, earsC1, earsC2, earsC3, farringtonScore } from '../../libs/compare-detectors/index.js';
import { freshSurgeTracker, observeReview, elapseSurge, surgeSettings } from '../../libs/detect-surge/index.js';

const { values } = parseArgs({ options: { data: { type: 'string', default: '../shared/data/anomaly' } } });
const WEEK = 7 * 86_400_000;
const START = Date.UTC(2001, 0, 1);
const JUDGED = 52;

const series = new Map<string, { counts: number[]; outbreak: boolean[] }>();
for (const row of gunzipSync(readFileSync(join(values.data, 'survstat_weekly_outbreaks.csv.gz'))).toString().trim().split('\n').slice(1)) {
  const [name, , observed, outbreak] = row.split(',') as [string, string, string, string];
  const one = series.get(name) ?? { counts: [], outbreak: [] };
  series.set(name, one);
  one.counts.push(Number(observed));
  one.outbreak.push(outbreak === '1');
}

type Flags = (counts: readonly number[]) => boolean[];
const flags = (score: (counts: readonly number[], t: number) => number, limit: number): Flags => (counts) => counts.map((_, t) => t >= counts.length - JUDGED && score(counts, t) > limit);

function surges(budgetPerDay: number): Flags {
  return (counts) => {
    const settings = surgeSettings({ budgetPerDay, channels: ['count'], countGate: 'none', bucketMs: WEEK, season: 'none', halfLifeMs: 26 * WEEK, maxOpenMs: 12 * WEEK, silenceMs: 3 * WEEK, minQuietMs: WEEK, minCalmMs: WEEK / 2 });
    const found = counts.map(() => false);
    let tracker = freshSurgeTracker({});
    let active = -1;
    const take = (records: readonly { readonly status: string; readonly at: number }[]) => {
      for (const { status, at } of records) {
        const week = Math.min(counts.length - 1, Math.floor((at - START) / WEEK));
        if (status === 'opened' || status === 'worsening') active = active < 0 ? week : active;
        else if (active >= 0) {
          for (let t = active; t <= week; t += 1) found[t] = true;
          active = -1;
        }
      }
    };
    counts.forEach((count, week) => {
      for (let i = 0; i < count; i += 1) {
        const at = START + week * WEEK + ((i + 0.5) / count) * WEEK;
        const step = observeReview(settings, tracker, { productId: 'p', at: Math.round(at), pNegative: 1 }, 'm');
        tracker = step.tracker;
        take(step.records);
      }
    });
    take(elapseSurge(settings, tracker, 'p', START + counts.length * WEEK, 'm').records);
    if (active >= 0) for (let t = active; t < counts.length; t += 1) found[t] = true;
    return found;
  };
}

const detectors: Record<string, Flags> = {
  'tidewatch, 1/year': surges(1 / 365.25), 'tidewatch, 1/quarter': surges(4 / 365.25), 'tidewatch, 1/month': surges(12 / 365.25), 'tidewatch, 1/week': surges(1 / 7),
  'EARS C1 > 3': flags(earsC1, 3), 'EARS C2 > 3': flags(earsC2, 3), 'EARS C3 > 2': flags(earsC3, 2),
  'Farrington, alpha 0.01': flags((counts, t) => farringtonScore(counts, t, { ...defaultFarrington, alpha: 0.01 }), 1),
  'Farrington, alpha 0.05': flags((counts, t) => farringtonScore(counts, t, { ...defaultFarrington, alpha: 0.05 }), 1),
};
for (const [name, detect] of Object.entries(detectors)) {
  let [found, outbreaks, falseWeeks] = [0, 0, 0];
  for (const { counts, outbreak } of series.values()) {
    const flagged = detect(counts);
    for (let t = counts.length - JUDGED; t < counts.length; t += 1) {
      if (outbreak[t]) outbreaks += 1;
      if (outbreak[t] && flagged[t]) found += 1;
      if (!outbreak[t] && flagged[t]) falseWeeks += 1;
    }
  }
  console.log(`| ${name} | ${((100 * found) / outbreaks).toFixed(0)} % (${found} of ${outbreaks}) | ${(falseWeeks / series.size).toFixed(2)} |`);
}
