/**
 * One partition's batches on their way to the handler. kafkajs fetches from a broker only when every batch of the last
 * fetch was worked off, so that one slow partition would hold all others up; therefore its callback only puts batches
 * here, ahead of the handler, and the handler runs one batch at a time per partition, apart from the fetching. What came
 * in while the handler worked is given to it as one batch: a trickle of small fetches costs no more commits than one large one.
 */
import type { BatchVerdict, MessageBatch, TopicPartition } from '#contracts';

/** What a lane asks of the client; each may find the client restarting and then does nothing. */
export interface LaneClient {
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  seek(partition: TopicPartition, offset: bigint): void;
  report(partition: TopicPartition, next: bigint): void;
  handle(batch: MessageBatch, signal: AbortSignal): Promise<BatchVerdict>;
  /** Oldest offset that the broker holds, asked for only where the offsets jump. */
  lowWatermark(partition: TopicPartition): Promise<bigint | null>;
}

/** Bytes that wait behind the batch in the handler's hands: enough to bridge the pause of a fetch. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;

export class Lane {
  private readonly abort = new AbortController();
  private waiting: MessageBatch[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | null = null;
  private expected: bigint | null = null;
  /** Where the next fetch goes on. */
  private behind: bigint | null = null;
  private full = false;
  private closed = false;
  private fenced = false;

  /** @param before the work of an earlier lane of this partition, which must end first */
  constructor(readonly partition: TopicPartition, private readonly client: LaneClient, private readonly before: Promise<void>) {}

  /** Ends with the batch in the handler's hands, if there is one. */
  get idle(): Promise<void> {
    return this.running ?? this.before;
  }

  offer(batch: MessageBatch): void {
    // One without a message does not say whether it was fetched before the last seek.
    if (this.closed || (batch.messages.length === 0 && this.behind !== null && this.behind !== batch.begin)) return;
    this.behind = batch.end;
    this.waiting.push(batch);
    for (const { value } of batch.messages) this.waitingBytes += value?.length ?? 0;
    if (this.waitingBytes >= MAX_WAITING_BYTES && !this.full) {
      this.full = true;
      this.client.pause(this.partition);
    }
    this.running ??= this.run();
  }

  /** Left because another owner has the lease, although nobody has taken the partition from this member. */
  get isFenced(): boolean {
    return this.fenced && !this.abort.signal.aborted;
  }

  get isOpen(): boolean {
    return !this.closed;
  }

  /** Nothing more is handed over; the batch in the handler's hands may finish. */
  close(): void {
    this.closed = true;
    this.forget();
  }

  /** The partition is lost, or time is up. */
  abandon(): void {
    this.close();
    this.abort.abort();
  }

  private async run(): Promise<void> {
    await this.before;
    while (!this.closed && this.waiting.length > 0) {
      const batch = joined(this.waiting);
      this.forget();
      if (this.full) {
        this.full = false;
        this.client.resume(this.partition);
      }
      const jumped = this.expected !== batch.begin;
      const lowWatermark = jumped ? await this.client.lowWatermark(this.partition) : null;
      if (this.closed) break;
      this.carryOut(batch, await this.client.handle({ ...batch, lowWatermark }, this.abort.signal));
    }
    // In the same turn as the last look at `waiting`: an offer finds either a loop that runs or none.
    this.running = null;
  }

  private carryOut(batch: MessageBatch, verdict: BatchVerdict): void {
    // After a rejoin the new lease decides, whatever this batch came to.
    if (this.abort.signal.aborted) return;
    if (verdict.kind === 'advance') {
      this.client.report(this.partition, verdict.next);
      this.expected = verdict.next;
      if (verdict.next < batch.end) this.goTo(verdict.next);
    } else if (verdict.kind === 'seek') {
      this.goTo(verdict.to);
    } else if (!this.closed) {
      if (verdict.kind === 'fenced') {
        this.fenced = true;
        // If the partition comes back, its messages must come again.
        this.goTo(batch.begin);
      }
      this.close();
      this.client.pause(this.partition);
    }
  }

  private goTo(offset: bigint): void {
    if (this.closed) return;
    this.forget();
    this.expected = offset;
    this.behind = offset;
    this.client.seek(this.partition, offset);
    if (this.full) this.client.resume(this.partition);
    this.full = false;
  }

  private forget(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }
}

/** Fetches that followed each other, as one. */
function joined(batches: readonly MessageBatch[]): MessageBatch {
  const newest = batches[batches.length - 1]!;
  return batches.length === 1 ? newest : { ...newest, begin: batches[0]!.begin, messages: batches.flatMap(({ messages }) => messages) };
}
