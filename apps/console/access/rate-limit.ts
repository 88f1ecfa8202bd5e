/** A token bucket per caller. Time is an argument; the number of callers remembered is bounded, the one seen longest ago leaves first. */
const CALLERS = 10_000;

interface Bucket {
  left: number;
  at: number;
}

export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  /** @param perSecond refill; @param burst what a rested caller may take at once */
  constructor(private readonly perSecond: number, private readonly burst: number) {}

  /** Takes `cost`. @returns 0, or the seconds after which it would be granted */
  take(caller: string, now: number, cost = 1): number {
    const known = this.buckets.get(caller);
    const left = known === undefined ? this.burst : Math.min(this.burst, known.left + ((now - known.at) / 1000) * this.perSecond);
    const granted = left >= cost;
    this.buckets.delete(caller);
    this.buckets.set(caller, { left: granted ? left - cost : left, at: now });
    if (this.buckets.size > CALLERS) this.buckets.delete(this.buckets.keys().next().value!);
    return granted ? 0 : Math.max(1, Math.ceil((cost - left) / this.perSecond));
  }
}
