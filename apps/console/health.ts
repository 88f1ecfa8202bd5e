/** Health as an operator means it: is the database there, and do the partitions move? Judged from the rows, not from processes. */
export interface PositionRow {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly committed_at: Date | null;
}

export interface Health {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

export function judgeHealth(positions: readonly PositionRow[], silentStreams: readonly string[], failingChannels: readonly string[], now: number, stallMs: number): Health {
  const reasons = positions
    .filter(({ lag, committed_at }) => lag > 0 && committed_at !== null && now - committed_at.getTime() > stallMs)
    .map(({ topic, partition, lag, committed_at }) => `${topic}/${partition}: ${lag} messages wait and nothing was committed for ${Math.round((now - committed_at!.getTime()) / 1000)} s`);
  for (const stream of silentStreams) reasons.push(`the feed of ${stream} is silent`);
  for (const channel of failingChannels) reasons.push(`notifications over ${channel} are failing (see tidewatch.notification_channels)`);
  return { ok: reasons.length === 0, reasons };
}
