/** The cells of `tidewatch evaluate surges`, in order; calibration uses other rates, shares and seeds. */
import type { SurgeCell } from './simulate-cell.js';
import type { SimulatedStream } from './simulate-stream.js';

export const BUDGETS: Readonly<Record<string, number>> = { '1/week': 7, '1/month': 365.25 / 12, '1/quarter': 365.25 / 4 };
const RATES = [0.05, 0.5, 5, 50] as const;
const SIZES = [Infinity, 5, 1] as const;
const SHARES = [0.02, 0.1, 0.3] as const;
const WRONG = ['batches', 'week', 'drift', 'daylight saving'] as const;
const RISES = [1.5, 2, 3, 5, 10] as const;

export interface ProofTask {
  readonly kind: 'alarms' | 'wrong' | 'delay' | 'known';
  readonly budget: string;
  readonly cell: SurgeCell;
  /** For a delay, of a size that the detector must find or is told. */
  readonly ratio?: number;
  readonly runs?: number;
  readonly horizon?: number;
}

/** `effort` 1 is about ten minutes of two cores, 0.04 the quick run. A known size's threshold is found by several runs, each on a quarter of the reviews. */
export function proofTasks(effort: number, seed: number): ProofTask[] {
  const tasks: ProofTask[] = [];
  const cell = (stream: SimulatedStream, budget: string, at: number): SurgeCell => ({ stream, budgetDays: BUDGETS[budget]!, seed: seed + at * 104_729, reviews: Math.ceil(2_500_000 * effort), alarms: Math.ceil(600 * effort) });
  for (const rate of RATES) for (const size of SIZES) for (const share of SHARES) for (const budget of Object.keys(BUDGETS)) tasks.push({ kind: 'alarms', budget, cell: cell({ rate, share, size }, budget, tasks.length) });
  for (const wrong of WRONG) for (const rate of RATES.slice(1)) for (const budget of ['1/month', '1/quarter']) tasks.push({ kind: 'wrong', budget, cell: cell({ rate, share: 0.1, size: Infinity, wrong }, budget, tasks.length) });
  for (const kind of ['delay', 'known'] as const) for (const rate of RATES.slice(1)) {
    for (const ratio of RISES) {
      const budget = '1/quarter';
      const whole = cell({ rate, share: 0.1, size: Infinity }, budget, tasks.length);
      tasks.push({ kind, budget, ratio, runs: Math.ceil((rate > 5 ? 60 : 200) * effort), horizon: Math.ceil(400 / Math.sqrt(rate * (ratio - 1))), cell: { ...whole, reviews: Math.ceil(whole.reviews / (kind === 'known' ? 4 : 1)) } });
    }
  }
  return tasks;
}
