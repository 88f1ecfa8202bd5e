/**
 * How long to wait after the n-th failure in a row: 2 s doubled each time, at most 15 minutes, the upper half of it by chance
 * ("equal jitter": Brooker, Exponential Backoff and Jitter, 2015), so that many senders do not come back together. A receiver that named a
 * time of its own (Retry-After) is not asked before it.
 */
const FIRST_MS = 2_000;
const LONGEST_MS = 15 * 60_000;

/** @param failures 1 after the first failure @param chance uniform in [0, 1) */
export function backoffMs(failures: number, chance: number, retryAfterMs: number | null = null): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.max(Math.round(full * (0.5 + 0.5 * chance)), Math.min(retryAfterMs ?? 0, 24 * 3_600_000));
}
