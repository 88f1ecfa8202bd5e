/**
 * NAB's scores of `tidewatch backtest counts` beside simple rivals. The series are split by alternation of their sorted names:
 * even places were tuned on, odd places are the report. Each profile has one threshold, taken from the tuning half.
 * Usage: node dist/test/bench/nab.js [--data ../shared/data/anomaly] [--half tune|report] [--tune]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { defaultSeriesSettings, type LabelledSeries, NAB_PROFILES, nabReport, probationOf, scoreSeries, type SeriesPoint } from '../../libs/score-series/index.js';

const { values } = parseArgs({ options: { data: { type: 'string', default: '../shared/data/anomaly' }, half: { type: 'string', default: 'tune' }, tune: { type: 'boolean', default: false } } });

interface Series { readonly name: string; readonly points: SeriesPoint[]; readonly windows: [number, number][] }
const byName = new Map<string, Series>();
for (const row of gunzipSync(readFileSync(join(values.data, 'nab_real_series.csv.gz'))).toString().trim().split('\n').slice(1)) {
  const [name, timestamp, value] = row.split(',') as [string, string, string];
  let series = byName.get(name);
  if (series === undefined) byName.set(name, (series = { name, points: [], windows: [] }));
  series.points.push({ timestamp, value: Number(value) });
}
const labels = JSON.parse(readFileSync(join(values.data, 'nab_real_labels.json'), 'utf8')) as Record<string, { windows: [string, string][] }>;
for (const [file, { windows }] of Object.entries(labels)) {
  const series = byName.get(file.replace(/\.csv$/, ''));
  if (series === undefined) continue;
  const place = (text: string) => series.points.findIndex(({ timestamp }) => Date.parse(timestamp.replace(' ', 'T')) >= Date.parse(text.replace(' ', 'T')));
  for (const [from, to] of windows) series.windows.push([place(from), place(to)]);
}
const sorted = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
const halves = { tune: sorted.filter((_, i) => i % 2 === 0), report: sorted.filter((_, i) => i % 2 === 1) };

function rolling(points: readonly SeriesPoint[], window = 100): Float64Array {
  const scores = new Float64Array(points.length);
  let sum = 0;
  let squares = 0;
  points.forEach(({ value }, t) => {
    const n = Math.min(t, window);
    const sd = n < 2 ? 0 : Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
    const z = sd > 0 ? Math.abs(value - sum / n) / sd : 0;
    scores[t] = t < probationOf(points.length) ? 0 : z / (z + 3);
    sum += value;
    squares += value * value;
    const old = points[t - window]?.value;
    if (old !== undefined) {
      sum -= old;
      squares -= old * old;
    }
  });
  return scores;
}

type Scorer = (points: readonly SeriesPoint[]) => ArrayLike<number>;
const labelled = (half: readonly Series[], scorer: Scorer): LabelledSeries[] => half.map(({ name, points, windows }) => ({ name, windows, scores: scorer(points) }));

if (values.tune) {
  for (const memory of [100, 300, 1000, 3000]) for (const window of [1, 6, 12, 36]) for (const hold of [0.1, 0.3, 0.6, 1]) {
    const half = labelled(halves.tune, (points) => scoreSeries(points, { ...defaultSeriesSettings, memory, window, hold }));
    console.log(memory, window, hold, ...Object.values(NAB_PROFILES).map((profile) => nabReport(half, profile).score.toFixed(1)));
  }
} else {
  const scorers: Record<string, Scorer> = { tidewatch: scoreSeries, 'rolling 3 sigma (100 points)': rolling, nothing: (points) => new Float64Array(points.length) };
  for (const [name, scorer] of Object.entries(scorers)) {
    for (const [profileName, profile] of Object.entries(NAB_PROFILES)) {
      const { threshold } = nabReport(labelled(halves.tune, scorer), profile);
      const chosen = values.half === 'report' ? halves.report : halves.tune;
      const { score, found, windows, falseAlarms } = nabReport(labelled(chosen, scorer), profile, threshold);
      console.log(`${values.half} half, ${profileName}, ${name}: ${score.toFixed(1)} (${found} of ${windows} windows, ${falseAlarms} false alarms, threshold ${threshold.toFixed(3)})`);
    }
  }
}
