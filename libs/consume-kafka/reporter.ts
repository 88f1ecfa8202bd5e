/**
 * Reports positions to the broker, for lag tools only: never waited for by the flow, at most one report of a partition
 * on its way, the newest next. That one fails is not a fault, since the lease is what counts.
 */
import type { TopicPartition } from '#contracts';

export class PositionReporter {
  private readonly latest = new Map<string, { readonly partition: TopicPartition; readonly next: bigint }>();
  private sending: Promise<void> | null = null;

  constructor(
    private readonly commit: (positions: { topic: string; partition: number; offset: string }[]) => Promise<void>,
    private readonly failed: (error: Error) => void,
  ) {}

  report(partition: TopicPartition, next: bigint): void {
    this.latest.set(`${partition.topic}/${partition.partition}`, { partition, next });
    this.sending ??= this.send();
  }

  /** When all that was reported so far has been sent or refused. */
  flushed(): Promise<void> {
    return this.sending ?? Promise.resolve();
  }

  private async send(): Promise<void> {
    // Partitions that advance in the same turn go together.
    await Promise.resolve();
    while (this.latest.size > 0) {
      const positions = [...this.latest.values()].map(({ partition, next }) => ({ topic: partition.topic, partition: partition.partition, offset: String(next) }));
      this.latest.clear();
      await this.commit(positions).catch((error: unknown) => this.failed(error as Error));
    }
    this.sending = null;
  }
}
