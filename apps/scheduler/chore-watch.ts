/**
 * Judges the scheduler by its chores: one that fails is tried at its next turn, one that keeps failing, or does not end, is told.
 * Time is an argument. Chores are a closed list, so their names may be labels.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A chore that fails for this long, or runs for this long, makes the scheduler unready. */
const PATIENCE_MS = 60_000;
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

export class ChoreWatch {
  private readonly begun = new Map<string, number>();
  private readonly failingSince = new Map<string, number>();
  private readonly seconds: Histogram<'chore'>;
  private readonly failures: Counter<'chore'>;
  private readonly succeeded: Gauge<'chore'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.seconds = new Histogram({ name: 'tidewatch_scheduler_chore_seconds', help: 'Time that one turn of a chore took, failed ones included.', labelNames: ['chore'], buckets: SECONDS, registers });
    this.failures = new Counter({ name: 'tidewatch_scheduler_chore_failures_total', help: 'Turns of a chore that failed; each is tried again at its next turn.', labelNames: ['chore'], registers });
    this.succeeded = new Gauge({ name: 'tidewatch_scheduler_chore_last_success_timestamp_seconds', help: 'Clock time at which a chore last came to its end, seconds since 1970.', labelNames: ['chore'], registers });
  }

  started(chore: string, at: number): void {
    this.begun.set(chore, at);
    this.failures.inc({ chore }, 0);
  }

  ended(chore: string, failed: boolean, at: number): void {
    this.seconds.observe({ chore }, (at - (this.begun.get(chore) ?? at)) / 1000);
    this.begun.delete(chore);
    if (failed) {
      this.failures.inc({ chore });
      if (!this.failingSince.has(chore)) this.failingSince.set(chore, at);
    } else {
      this.failingSince.delete(chore);
      this.succeeded.set({ chore }, at / 1000);
    }
  }

  /** Why the scheduler should not be counted on, null when it may. */
  unready(at: number): string | null {
    for (const [chore, since] of this.failingSince) if (at - since >= PATIENCE_MS) return `"${chore}" has failed for ${Math.round((at - since) / 1000)} s`;
    for (const [chore, since] of this.begun) if (at - since >= PATIENCE_MS) return `"${chore}" has been running for ${Math.round((at - since) / 1000)} s`;
    return null;
  }
}
