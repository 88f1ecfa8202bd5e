/** Messages per second over the last ten seconds, from the positions as they came in; and what waits. */
import { known, subscribe } from '../lib/store.js';

const WINDOW_MS = 10_000;
let samples = [];

const total = () => (known.pipeline?.positions ?? []).reduce((sum, row) => sum + Number(row.next_offset), 0);
subscribe((part) => {
  if (part !== 'pipeline') return;
  const now = performance.now();
  const taken = total();
  if (samples.length > 0 && taken < samples.at(-1).taken) samples = [];
  samples.push({ at: now, taken });
});

export function messageRate() {
  const now = performance.now();
  samples = samples.filter((sample, n) => now - sample.at <= WINDOW_MS || n === samples.length - 1);
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || first === last) return 0;
  return ((last.taken - first.taken) / Math.max(now - first.at, 1)) * 1000;
}

export const totalLag = () => (known.pipeline?.positions ?? []).reduce((sum, row) => sum + row.lag, 0);
