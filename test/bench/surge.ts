/**
 * The surge detector alone: cost of a review, realised false alarms against the budget, and delay of detection.
 * Usage: node dist/test/bench/surge.js [--part speed|alarms|delays|calibrate] [--products 60] [--days 120] [--budget 91]
 * Seeded. `alarms` prints realised over asked with an approximate 95 % Poisson interval; `calibrate` the same with
 * each channel alone, from which threshold.ts's CORRECTION was chosen by hand. `--budget` is in days.
 */
import { parseArgs } from 'node:util';
import type { SurgeObservation } from '../../libs/contracts/index.js';
import { type SurgeSettings, surgeSettings, summarizeSurge } from '../../libs/detect-surge/index.js';
import { runAll, START, streamOf } from '../../libs/detect-surge/testing.js';

const { values } = parseArgs({ options: { part: { type: 'string', default: 'all' }, products: { type: 'string', default: '60' }, days: { type: 'string', default: '120' }, budget: { type: 'string', default: '91' } } });
const DAY_MS = 86_400_000;
const products = Number(values.products);
const days = Number(values.days);
const asked = 1 / Number(values.budget);
const wants = (part: string) => values.part === part || (values.part === 'all' && part !== 'calibrate');

const STREAMS = [
  { perDay: 5, share: 0.1, size: Infinity, rhythm: 0 },
  { perDay: 20, share: 0.1, size: Infinity, rhythm: 0 },
  { perDay: 40, share: 0.1, size: Infinity, rhythm: 0 },
  { perDay: 20, share: 0.1, size: Infinity, rhythm: 0.55 },
  { perDay: 60, share: 0.1, size: Infinity, rhythm: 0.55 },
  { perDay: 20, share: 0.1, size: 5, rhythm: 0 },
  { perDay: 60, share: 0.1, size: 5, rhythm: 0.55 },
  { perDay: 10, share: 0.3, size: Infinity, rhythm: 0 },
];

if (wants('speed')) {
  const settings = surgeSettings();
  const cost = (stream: readonly SurgeObservation[], units: number): string => {
    const times = [0, 1, 2, 3, 4, 5, 6].map(() => {
      const from = process.cpuUsage();
      runAll(settings, stream);
      const { user, system } = process.cpuUsage(from);
      return ((user + system) * 1000) / units;
    }).sort((a, b) => a - b);
    return `${times[3]!.toFixed(0)} ns (median of 7, least ${times[0]!.toFixed(0)})`;
  };
  const busy = [...streamOf({ days: 2000, perDay: 40, share: 0.1, size: 5, rises: [] }, 1)];
  console.log(`speed: a review ${cost(busy, busy.length)} of CPU, over ${busy.length} reviews, 40 a day, 10 % negative`);
  const days = 15_000;
  const sparse = [...streamOf({ days, perDay: 1 / 14, share: 0.1, size: Infinity, rises: [] }, 1)];
  console.log(`speed: a day of a product with ${sparse.length} reviews in ${days} days ${cost(sparse, days)} of CPU`);
}
if (wants('alarms')) alarms(surgeSettings({ budgetPerDay: asked }), 'both channels');
if (values.part === 'calibrate') for (const channel of ['count', 'share'] as const) alarms(surgeSettings({ budgetPerDay: asked, channels: [channel] }), channel);
if (wants('delays')) delays(surgeSettings({ budgetPerDay: asked }));

function alarms(settings: SurgeSettings, name: string): void {
  for (const stream of STREAMS) {
    let opened = 0;
    let dispersion = 0;
    for (let seed = 1; seed <= products; seed += 1) {
      const { records, tracker } = runAll(settings, streamOf({ ...stream, days, rises: [] }, seed * 7919));
      opened += records.filter((r) => r.status === 'opened').length;
      dispersion += (summarizeSurge(tracker).dispersion as number) / products;
    }
    const expected = products * (days - 3) * asked;
    const spread = 1.96 * Math.sqrt(opened + 1);
    console.log(`alarms (${name}) at 1 in ${values.budget} days: ${stream.perDay}/day, share ${stream.share}, size ${stream.size}, rhythm ${stream.rhythm}: ${opened} alarms, realised/asked ${(opened / expected).toFixed(2)} [${(Math.max(0, opened - spread) / expected).toFixed(2)}, ${((opened + spread) / expected).toFixed(2)}], dispersion ${dispersion.toFixed(2)}`);
  }
}

/** A rise of one day from day 20.3 on. */
function delays(settings: SurgeSettings): void {
  const quantiles = (list: number[]) => [0.1, 0.5, 0.9].map((p) => list.sort((a, b) => a - b)[Math.floor(p * list.length)]?.toFixed(1) ?? '-').join(' / ');
  for (const perDay of [5, 10, 20, 40]) {
    for (const negatives of [3, 5, 10]) {
      const delay: number[] = [];
      const closing: number[] = [];
      const runs = 100;
      for (let seed = 1; seed <= runs; seed += 1) {
        const { records } = runAll(settings, streamOf({ days: 26, perDay, share: 0.1, size: 10, rises: [{ from: 20.3, to: 21.3, negatives, others: 1 }] }, seed * 31), START + 40 * DAY_MS);
        const opened = records.find((r) => r.status === 'opened' && r.at >= START + 20.3 * DAY_MS && r.at < START + 21.5 * DAY_MS);
        if (opened === undefined) continue;
        delay.push((opened.at - START) / 3_600_000 - 20.3 * 24);
        closing.push((records.find((r) => r.surgeId === opened.surgeId && r.status === 'closed')!.at - START) / 3_600_000 - 21.3 * 24);
      }
      console.log(`delays: ${perDay}/day, 10 % negative, rise by ${negatives} for a day: found ${delay.length} of ${runs}; hours to open ${quantiles(delay)}; hours from its end to closed ${quantiles(closing)} (10 / 50 / 90 %)`);
    }
  }
}
