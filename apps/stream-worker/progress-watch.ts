/**
 * Judges a worker by what it commits, not by whether its process lives: a consumer that lags and commits nothing for
 * `stallMs` is stalled, whatever its process says. Time is an argument.
 */
import type { BatchCommit, MessageBatch, TopicPartition } from '#contracts';

interface PartitionProgress {
  readonly nextOffset: bigint;
  readonly highWatermark: bigint;
}

/** Nobody looked for this long: the machine or the process was suspended. */
const SUSPENDED_MS = 10_000;

export class ProgressWatch {
  private readonly done = new Map<number, PartitionProgress>();
  /** The batch that each partition is at: it waits too, until it is committed. */
  private readonly inHand = new Map<number, PartitionProgress>();
  private joined = false;
  private lastMove: number;
  private lastLook: number;
  committedEvents = 0;

  constructor(private readonly stallMs: number, startedAt: number) {
    this.lastMove = startedAt;
    this.lastLook = startedAt;
  }

  /** Epoch ms of the newest commit, or of the last look that found nothing to do. */
  get movedAt(): number {
    return this.lastMove;
  }

  /** The group has been joined, with whatever partitions. */
  assigned(): void {
    this.joined = true;
  }

  /** What is left of their messages is another worker's. */
  revoked(partitions: readonly Pick<TopicPartition, 'partition'>[]): void {
    for (const { partition } of partitions) {
      this.done.delete(partition);
      this.inHand.delete(partition);
    }
  }

  /** Runs `work` over the batch; until it is over, the batch counts as waiting. */
  async handing<R>({ partition, begin, highWatermark }: MessageBatch, work: () => Promise<R>): Promise<R> {
    const mine = { nextOffset: begin, highWatermark };
    this.inHand.set(partition, mine);
    try {
      return await work();
    } finally {
      if (this.inHand.get(partition) === mine) this.inHand.delete(partition);
    }
  }

  committed(commit: BatchCommit, at: number): void {
    this.done.set(commit.lease.partition, { nextOffset: commit.nextOffset, highWatermark: commit.highWatermark });
    this.committedEvents += commit.reviews.length + commit.quotes.length;
    this.lastMove = at;
  }

  /** Messages that are known to be there and not committed, by partition. */
  lags(): ReadonlyMap<number, bigint> {
    return new Map([...new Set([...this.done.keys(), ...this.inHand.keys()])].map((partition) => {
      const done = this.done.get(partition);
      const inHand = this.inHand.get(partition);
      const end = inHand?.highWatermark ?? done!.highWatermark;
      const next = done?.nextOffset ?? inHand!.nextOffset;
      return [partition, end > next ? end - next : 0n];
    }));
  }

  lag(): bigint {
    let lag = 0n;
    for (const messages of this.lags().values()) lag += messages;
    return lag;
  }

  /** A sentence when stalled, null when all is well. To be asked every few seconds: a longer pause is one of the whole process, and no fault of its work. */
  verdict(at: number): string | null {
    if (at - this.lastLook > SUSPENDED_MS) this.lastMove += at - this.lastLook;
    this.lastLook = at;
    const lag = this.lag();
    if (lag === 0n) {
      this.lastMove = at;
      return null;
    }
    return at - this.lastMove <= this.stallMs ? null : this.standsStill(lag, at, this.stallMs);
  }

  /** Why this worker should not be counted on, null when it may: it says so at half of what makes it leave. */
  unready(at: number): string | null {
    if (!this.joined) return 'not in the consumer group yet';
    const lag = this.lag();
    const limit = this.stallMs / 2;
    return lag === 0n || at - this.lastMove <= limit ? null : this.standsStill(lag, at, limit);
  }

  private standsStill(lag: bigint, at: number, limit: number): string {
    return `${lag} messages wait and nothing was committed for ${Math.round((at - this.lastMove) / 1000)} s (limit ${Math.round(limit / 1000)} s)`;
  }
}
