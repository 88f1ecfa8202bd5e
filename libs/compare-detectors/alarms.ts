/** A detector's statistic over time, to alarms: what a threshold would have raised, and the threshold that raises so many. */
export interface Alarm {
  /** Days. */
  readonly at: number;
  readonly score: number;
}

/** Alarms less than this many days behind the last exceedance are the same episode, for every detector. */
const MERGE_DAYS = 2;

export function mergedOnsets(alarms: readonly Alarm[], threshold: number, from: number, to: number): number[] {
  const onsets: number[] = [];
  let last = -Infinity;
  for (const { at, score } of alarms) {
    if (score < threshold) continue;
    if (at - last >= MERGE_DAYS && at >= from && at < to) onsets.push(at);
    last = at;
  }
  return onsets;
}

/** Threshold at which the streams raise `wanted` episodes in all: bisection over the scores that occurred. */
export function thresholdFor(streams: readonly (readonly Alarm[])[], wanted: number, from: number, to: number): number {
  const scores = Float64Array.from(streams.flatMap((stream) => stream.map(({ score }) => score).filter(Number.isFinite))).sort();
  let low = Math.max(0, scores.length - 1 - 60 * Math.ceil(wanted + 1));
  let high = scores.length - 1;
  const raised = (i: number) => streams.reduce((sum, stream) => sum + mergedOnsets(stream, scores[i]!, from, to).length, 0);
  if (scores.length === 0) return Infinity;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (raised(middle) > wanted) low = middle + 1;
    else high = middle;
  }
  return scores[low]!;
}
