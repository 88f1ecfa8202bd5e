/**
 * States of one partition's entities between batches, least recently used first out. The cache is an optimisation with
 * one rule: it takes states only after the commit that wrote them, and a fenced session is dropped with its cache.
 */
import type { EntityState } from '#contracts';

export class StateCache<T> {
  private readonly entries = new Map<string, EntityState<T>>();

  constructor(private readonly limit: number) {}

  get(entity: string): EntityState<T> | undefined {
    const state = this.entries.get(entity);
    if (state !== undefined) {
      this.entries.delete(entity);
      this.entries.set(entity, state);
    }
    return state;
  }

  put(states: ReadonlyMap<string, EntityState<T>>): void {
    for (const [entity, state] of states) {
      this.entries.delete(entity);
      this.entries.set(entity, state);
    }
    for (const entity of this.entries.keys()) {
      if (this.entries.size <= this.limit) break;
      this.entries.delete(entity);
    }
  }

  drop(entities: Iterable<string>): void {
    for (const entity of entities) this.entries.delete(entity);
  }

  get size(): number {
    return this.entries.size;
  }
}
