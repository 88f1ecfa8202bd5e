/**
 * Whether a symbol is silent while its session is usually open, judged by nothing but its own past bars: the silent span, moved
 * back by whole weeks, is compared with what came in it then. That knows nights, weekends, lunch breaks and thin symbols without
 * being told; the thinnest of the weeks decides, so that a holiday or a short day in one of them makes it milder, never stricter.
 */
const WEEK_MS = 604_800_000;
/** Weeks that are compared at most. */
export const WEEKS = 4;
/** Fewer missing bars than this are ordinary. */
export const FEWEST_MISSING = 5;

export interface Span { readonly from: number; readonly to: number }

/** The silent span, from behind the newest bar, in each of the weeks before, newest first; a silence of more than a week counts as one of a week. Epoch ms. */
export function spansBefore(lastAt: number, reached: number): readonly Span[] {
  const length = Math.min(reached - lastAt, WEEK_MS);
  return Array.from({ length: WEEKS }, (_, i) => ({ from: lastAt - (i + 1) * WEEK_MS, to: lastAt + length - (i + 1) * WEEK_MS }));
}

export interface Staleness {
  /** Bars of the thinnest week. */
  readonly usualBars: number;
  readonly weeks: number;
  /** 1 to 10: one more for every doubling of the missing bars. */
  readonly severity: number;
}

/** `bars`: of each span of `spansBefore` in turn; `firstAt`: the symbol's first bar. null: not stale, or not known for a week. */
export function judgeSilence(spans: readonly Span[], bars: readonly number[], firstAt: number): Staleness | null {
  const known = bars.filter((_, i) => spans[i]!.from >= firstAt);
  if (known.length === 0) return null;
  const usualBars = Math.min(...known);
  if (usualBars < FEWEST_MISSING) return null;
  return { usualBars, weeks: known.length, severity: Math.min(10, 1 + Math.floor(Math.log2(usualBars / FEWEST_MISSING))) };
}
