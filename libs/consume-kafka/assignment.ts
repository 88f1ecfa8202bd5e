/** Which partitions this member holds, each with its lane. */
import type { MessageBatch, TopicPartition } from '#contracts';
import { Lane, type LaneClient } from './lane.js';

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

export class Assignment {
  private lanes = new Map<string, Lane>();
  /** Fenced before the last heartbeat was answered. */
  private doubtful = new Set<Lane>();

  constructor(private readonly client: LaneClient) {}

  /** Takes the member assignment of a join. Every partition gets a new lane: its lease must be read again after each join. */
  joined(memberAssignment: Readonly<Record<string, readonly number[]>>): { assigned: TopicPartition[]; revoked: TopicPartition[] } {
    const assigned = Object.entries(memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    const old = this.lanes;
    this.abandon();
    this.lanes = new Map(assigned.map((partition) => [keyOf(partition), new Lane(partition, this.client, old.get(keyOf(partition))?.idle ?? Promise.resolve())]));
    return { assigned, revoked: [...old].filter(([key]) => !this.lanes.has(key)).map(([, { partition }]) => partition) };
  }

  /**
   * A heartbeat was answered, so the group takes this member for the owner of all that it was assigned. A partition that was
   * fenced before the heartbeat was sent is therefore its own again, and gets a new lane. Two answers, as the first may have
   * been under way.
   */
  confirmed(): TopicPartition[] {
    const fenced = [...this.lanes.values()].filter(({ isFenced }) => isFenced);
    const regained = fenced.filter((lane) => this.doubtful.has(lane));
    this.doubtful = new Set(fenced.filter((lane) => !this.doubtful.has(lane)));
    for (const { partition, idle } of regained) this.lanes.set(keyOf(partition), new Lane(partition, this.client, idle));
    return regained.map(({ partition }) => partition);
  }

  get partitions(): TopicPartition[] {
    return [...this.lanes.values()].map(({ partition }) => partition);
  }

  /** False when the batch is of no use here: the partition was left or lost. */
  offer(batch: MessageBatch): boolean {
    const lane = this.lanes.get(keyOf(batch));
    if (lane?.isOpen !== true) return false;
    lane.offer(batch);
    return true;
  }

  /** Lets the batches in the handler's hands finish and hands over no more. */
  async finish(): Promise<void> {
    for (const lane of this.lanes.values()) lane.close();
    await Promise.all([...this.lanes.values()].map(({ idle }) => idle));
  }

  abandon(): void {
    for (const lane of this.lanes.values()) lane.abandon();
  }
}
