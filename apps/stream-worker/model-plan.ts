/**
 * Which model scores which offsets of one partition, under one lease: the switches that stand in the database, and one that
 * has been decided here and goes out with the commit of the batch it begins with. Pure.
 */
import type { ModelRequest, ModelSwitch, TopicPartition } from '#contracts';

export class ModelPlan {
  private decided: ModelSwitch | null = null;
  /** Of the two batches prepared last: one of them may still be on its way. */
  private chosen: readonly (ModelSwitch | null)[] = [null];

  /** @param switches by offset ascending; those ahead of the position are plans */
  constructor(private readonly partition: TopicPartition, private switches: readonly ModelSwitch[]) {}

  /**
   * The switch in force for a batch that begins at `offset`; null: the model of the setting. `ready` is the newest request
   * whose model is loaded: where this partition knows nothing of it, it begins here.
   */
  choose(offset: bigint, ready: ModelRequest | null): ModelSwitch | null {
    if (this.decided !== null && this.decided.fromOffset > offset) this.decided = null; // its batch was dropped, and comes again
    if (ready !== null && this.decided === null && this.switches.every(({ requestId }) => requestId < ready.requestId)) {
      const { folder: _folder, ...asked } = ready;
      this.decided = { ...asked, topic: this.partition.topic, partition: this.partition.partition, fromOffset: offset };
    }
    const chosen = this.inForce(offset);
    this.chosen = [chosen, this.chosen[0]!];
    return chosen;
  }

  private inForce(offset: bigint): ModelSwitch | null {
    return this.pending(offset) ?? this.switches.findLast(({ fromOffset }) => fromOffset <= offset) ?? null;
  }

  /** What the commit of the batch that begins at `offset` must write down. */
  pending(offset: bigint): ModelSwitch | null {
    return this.decided !== null && this.decided.fromOffset <= offset ? this.decided : null;
  }

  /** First offset behind `offset` at which another model is planned; null when none is. */
  boundary(offset: bigint): bigint | null {
    return this.switches.find(({ fromOffset }) => fromOffset > offset)?.fromOffset ?? null;
  }

  committed(change: ModelSwitch): void {
    if (change.fromOffset !== this.decided?.fromOffset) return;
    this.switches = [...this.switches, change].sort((a, b) => (a.fromOffset < b.fromOffset ? -1 : 1));
    this.decided = null;
  }

  /** The switch to this model that the batch on its way was prepared under. */
  switchTo(modelId: string): ModelSwitch | null {
    return this.chosen.findLast((change) => change?.modelId === modelId) ?? null;
  }

  /** Models that batches on their way may be scored by; null stands for the setting's. */
  get inUse(): readonly (string | null)[] {
    return this.chosen.map((change) => change?.modelId ?? null);
  }
}
