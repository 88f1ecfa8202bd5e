/** Which partitions this member holds, and the abort signal that each batch in flight listens to. */
import type { TopicPartition } from '#contracts';

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

export class Assignment {
  private held = new Map<string, { readonly partition: TopicPartition; readonly abort: AbortController; next: bigint | null }>();

  /** Takes the member assignment of a join. Every partition gets a new signal: a lease must be read again after each join. */
  joined(memberAssignment: Readonly<Record<string, readonly number[]>>): { assigned: TopicPartition[]; revoked: TopicPartition[] } {
    const assigned = Object.entries(memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    const now = new Map(assigned.map((partition) => [keyOf(partition), { partition, abort: new AbortController(), next: null }]));
    const revoked = [...this.held].filter(([key]) => !now.has(key)).map(([, { partition }]) => partition);
    this.abortAll();
    this.held = now;
    return { assigned, revoked };
  }

  signal(partition: TopicPartition): AbortSignal {
    return this.held.get(keyOf(partition))?.abort.signal ?? AbortSignal.abort();
  }

  /** The offset that should come next; null when nothing was read since the join. */
  next(partition: TopicPartition): bigint | null {
    return this.held.get(keyOf(partition))?.next ?? null;
  }

  read(partition: TopicPartition, next: bigint | null): void {
    const entry = this.held.get(keyOf(partition));
    if (entry !== undefined) entry.next = next;
  }

  abortAll(): void {
    for (const { abort } of this.held.values()) abort.abort();
  }
}
