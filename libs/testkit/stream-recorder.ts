/**
 * A worker in miniature for tests of consumers: keeps its own position per partition as the real one keeps its lease,
 * takes a batch only if it lies there, and writes down what happened in order.
 */
import type { BatchVerdict, ConsumerHandlers, MessageBatch, StreamMessage, TopicPartition } from '#contracts';

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

export class StreamRecorder implements ConsumerHandlers {
  readonly assignments: (readonly TopicPartition[])[] = [];
  readonly revocations: (readonly TopicPartition[])[] = [];
  readonly batches: MessageBatch[] = [];
  readonly taken = new Map<string, StreamMessage[]>();
  readonly inFlight = new Map<string, number>();
  mostInFlightOfOne = 0;

  /** @param positions shared by recorders that stand for workers on one database */
  constructor(
    readonly positions: Map<string, bigint> = new Map(),
    private readonly before: (batch: MessageBatch, signal: AbortSignal) => Promise<BatchVerdict | null> = () => Promise.resolve(null),
  ) {}

  assigned(partitions: readonly TopicPartition[]): void {
    this.assignments.push(partitions);
  }

  revoked(partitions: readonly TopicPartition[]): void {
    this.revocations.push(partitions);
  }

  async batch(batch: MessageBatch, signal: AbortSignal): Promise<BatchVerdict> {
    const key = keyOf(batch);
    this.inFlight.set(key, (this.inFlight.get(key) ?? 0) + 1);
    this.mostInFlightOfOne = Math.max(this.mostInFlightOfOne, this.inFlight.get(key)!);
    try {
      this.batches.push(batch);
      const verdict = await this.before(batch, signal);
      return verdict ?? this.take(batch);
    } finally {
      this.inFlight.set(key, this.inFlight.get(key)! - 1);
    }
  }

  /** Every message taken so far, partition by partition. */
  all(): StreamMessage[] {
    return [...this.taken.values()].flat();
  }

  texts(): string[] {
    return this.all().map(({ value }) => (value === null ? 'null' : Buffer.from(value).toString('utf8')));
  }

  private take(batch: MessageBatch): BatchVerdict {
    const key = keyOf(batch);
    const expected = this.positions.get(key) ?? batch.begin;
    if (batch.begin > expected || batch.end <= expected) return { kind: 'seek', to: expected };
    const fresh = batch.messages.filter(({ offset }) => offset >= expected);
    this.taken.set(key, [...(this.taken.get(key) ?? []), ...fresh]);
    this.positions.set(key, batch.end);
    return { kind: 'advance', next: batch.end };
  }
}
