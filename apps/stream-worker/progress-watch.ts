/**
 * Judges a worker by what it commits, not by whether its process lives: a consumer that lags and commits nothing for
 * `stallMs` is stalled, whatever its process says. Time is an argument.
 */
import type { BatchCommit } from '#contracts';

export interface PartitionProgress {
  readonly nextOffset: bigint;
  readonly highWatermark: bigint;
}

export class ProgressWatch {
  private readonly partitions = new Map<string, PartitionProgress>();
  private lastMove: number;
  committedEvents = 0;

  constructor(private readonly stallMs: number, startedAt: number) {
    this.lastMove = startedAt;
  }

  committed(commit: BatchCommit, at: number): void {
    this.partitions.set(`${commit.lease.topic}/${commit.lease.partition}`, { nextOffset: commit.nextOffset, highWatermark: commit.highWatermark });
    this.committedEvents += commit.reviews.length + commit.quotes.length;
    this.lastMove = at;
  }

  /** Messages that are known to be there and not committed. */
  lag(ends: ReadonlyMap<string, bigint> = new Map()): bigint {
    let lag = 0n;
    for (const [key, progress] of this.partitions) {
      const end = ends.get(key) ?? progress.highWatermark;
      if (end > progress.nextOffset) lag += end - progress.nextOffset;
    }
    for (const [key, end] of ends) if (!this.partitions.has(key)) lag += end;
    return lag;
  }

  /** A sentence when stalled, null when all is well. `lag` as the broker reports it now. */
  verdict(lag: bigint, at: number): string | null {
    const still = at - this.lastMove;
    if (lag === 0n) {
      this.lastMove = at;
      return null;
    }
    if (still <= this.stallMs) return null;
    return `${lag} messages wait and nothing was committed for ${Math.round(still / 1000)} s (limit ${Math.round(this.stallMs / 1000)} s)`;
  }
}
