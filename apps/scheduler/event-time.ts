/**
 * The event time a stream has reached, for what time alone causes. While messages wait, the slowest partition that still
 * has some decides; caught up, the newest event does; and while the stream stays silent, event time goes on at the
 * clock's speed from there. So a replay of old data, or a feed that runs faster than the clock, closes nothing early.
 */
export interface PartitionTime {
  /** Newest event time committed, epoch ms; null before the first event. */
  readonly watermark: number | null;
  readonly lag: bigint;
  /** Clock time of the last commit, epoch ms; null before the first. */
  readonly committedAt: number | null;
}

/** Silence shorter than this is ordinary: event time waits for messages. */
const SILENCE_MS = 30_000;

export function eventTimeReached(partitions: readonly PartitionTime[], now: number): number | null {
  const started = partitions.filter((partition) => partition.watermark !== null);
  if (started.length === 0) return null;
  const behind = started.filter((partition) => partition.lag > 0n);
  if (behind.length > 0) return Math.min(...behind.map((partition) => partition.watermark!));
  const newest = Math.max(...started.map((partition) => partition.watermark!));
  const silent = now - Math.max(...started.map((partition) => partition.committedAt ?? now));
  return Math.min(now, newest + Math.max(0, silent - SILENCE_MS));
}
