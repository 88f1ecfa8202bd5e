/**
 * The score of the Numenta Anomaly Benchmark (Lavin & Ahmad 2015), written from its documentation. In each labelled window the
 * earliest alarm counts, the more the earlier; every alarm outside costs, the more the further behind the last window; a window
 * without alarm costs one. 0 is a detector that says nothing, 100 one that alarms at the first point of each window and nowhere
 * else. One threshold serves all series, as in the benchmark: the best one, or the one given.
 */
export interface NabProfile {
  readonly hit: number;
  readonly falseAlarm: number;
  readonly miss: number;
}

export const NAB_PROFILES = {
  standard: { hit: 1, falseAlarm: 0.11, miss: 1 },
  lowFalsePositives: { hit: 1, falseAlarm: 0.22, miss: 1 },
} as const satisfies Readonly<Record<string, NabProfile>>;

export interface LabelledSeries {
  readonly name: string;
  readonly scores: ArrayLike<number>;
  /** First and last index of each window, both inside, ascending. */
  readonly windows: readonly (readonly [number, number])[];
}

/** Points at the beginning that are not judged. */
export const probationOf = (length: number): number => Math.min(Math.floor(0.15 * length), 750);

/** From +1 far before to -1 far behind the window's right edge at 0. */
const reward = (position: number): number => (position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1);
const EARLIEST = reward(-1);

interface Judged {
  readonly score: number;
  readonly gain: number;
  /** Index over all windows; -1 outside. */
  readonly window: number;
}

export function nabReport(series: readonly LabelledSeries[], profile: NabProfile, threshold: number | null = null): { readonly score: number; readonly threshold: number; readonly found: number; readonly windows: number; readonly falseAlarms: number } {
  const judged: Judged[] = [];
  let windows = 0;
  for (const one of series) {
    const added = judgeSeries(one, profile, windows);
    judged.push(...added.judged);
    windows += added.windows;
  }
  judged.sort((a, b) => b.score - a.score);
  const best = new Map<number, number>();
  let raw = -profile.miss * windows;
  let falseAlarms = 0;
  let chosen = { raw, threshold: Infinity, found: 0, falseAlarms: 0 };
  for (let i = 0; i < judged.length; i += 1) {
    const { score, gain, window } = judged[i]!;
    if (threshold !== null && score < threshold) break;
    if (window < 0) {
      raw += gain;
      falseAlarms += 1;
    } else {
      const before = best.get(window) ?? -profile.miss;
      best.set(window, Math.max(before, gain));
      raw += Math.max(0, gain - before);
    }
    const last = i + 1 === judged.length || judged[i + 1]!.score !== score;
    if (last && (threshold !== null || raw > chosen.raw)) chosen = { raw, threshold: score, found: best.size, falseAlarms };
  }
  const nothing = -profile.miss * windows;
  return { score: (100 * (chosen.raw - nothing)) / (profile.hit * windows - nothing), threshold: threshold ?? chosen.threshold, found: chosen.found, windows, falseAlarms: chosen.falseAlarms };
}

function judgeSeries({ scores, windows }: LabelledSeries, profile: NabProfile, firstWindow: number): { judged: Judged[]; windows: number } {
  const probation = probationOf(scores.length);
  const judged: Judged[] = [];
  const counted = windows.filter(([, right]) => right >= probation);
  const indexOf = new Map(counted.map((window, i) => [window, firstWindow + i]));
  let current = 0;
  for (let t = 0; t < scores.length; t += 1) {
    while (current < windows.length && t > windows[current]![1]) current += 1;
    if (t < probation) continue;
    const window = windows[current];
    if (window !== undefined && t >= window[0]) {
      const width = window[1] - window[0] + 1;
      judged.push({ score: scores[t]!, gain: (profile.hit * reward(-(window[1] - t + 1) / width)) / EARLIEST, window: indexOf.get(window)! });
    } else {
      const last = windows[current - 1];
      const position = last === undefined ? 3 : (t - last[1]) / Math.max(1, last[1] - last[0]);
      judged.push({ score: scores[t]!, gain: profile.falseAlarm * reward(position), window: -1 });
    }
  }
  return { judged, windows: counted.length };
}
