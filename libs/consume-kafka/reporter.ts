/**
 * Reports positions to the broker, for lag tools only: never waited for by the flow, twice a second at most, always the
 * newest. That one fails is not a fault, since the lease is what counts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TopicPartition } from '#contracts';

/** Small batches are committed many times a second, and lag tools look every few seconds. */
const BETWEEN_REPORTS_MS = 500;

export class PositionReporter {
  private readonly latest = new Map<string, { readonly partition: TopicPartition; readonly next: bigint }>();
  private readonly hurry = new AbortController();
  private sending: Promise<void> | null = null;

  constructor(
    private readonly commit: (positions: { topic: string; partition: number; offset: string }[]) => Promise<void>,
    private readonly failed: (error: Error) => void,
  ) {}

  report(partition: TopicPartition, next: bigint): void {
    this.latest.set(`${partition.topic}/${partition.partition}`, { partition, next });
    this.sending ??= this.send();
  }

  /** When all that was reported so far has been sent or refused; from now on nothing is held back. */
  flushed(): Promise<void> {
    this.hurry.abort();
    return this.sending ?? Promise.resolve();
  }

  private async send(): Promise<void> {
    // Partitions that advance in the same turn go together.
    await Promise.resolve();
    while (this.latest.size > 0) {
      const positions = [...this.latest.values()].map(({ partition, next }) => ({ topic: partition.topic, partition: partition.partition, offset: String(next) }));
      this.latest.clear();
      await this.commit(positions).catch((error: unknown) => this.failed(error as Error));
      await sleep(BETWEEN_REPORTS_MS, undefined, { signal: this.hurry.signal, ref: false }).catch(() => undefined);
    }
    this.sending = null;
  }
}
