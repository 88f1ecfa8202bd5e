/**
 * Between stored rows and the states that the stages carry: what the cache lacks is loaded in one round trip together
 * with the known reviews. A state of another model starts cold: its hidden tensors are zeros again (the activation is
 * recorded in internal.model_activation), while its tracker, which no model shaped, goes on.
 */
import type { EntityState, LoadRequest, Loaded, StateStepper, StoredState, StreamStore } from '#contracts';
import type { StateCache } from '#drive-stream';
import { restoreState, storeState, type TrackerCodec } from '#score-with-state';

/** What a worker knows of its states: how to begin one, read one and write one. */
export interface StateParts<T> {
  readonly stepper: StateStepper;
  readonly codec: TrackerCodec<T>;
  readonly fresh: (entity: string) => EntityState<T>;
  readonly summarize: (tracker: T, entity: string) => Readonly<Record<string, unknown>>;
}

export async function loadStates<T>(
  store: Pick<StreamStore, 'load'>,
  cache: StateCache<T>,
  parts: StateParts<T>,
  request: Omit<LoadRequest, 'entities'>,
  wanted: readonly string[],
): Promise<{ states: Map<string, EntityState<T>>; known: Loaded['known'] }> {
  const states = new Map<string, EntityState<T>>();
  const missing = new Set<string>();
  for (const entity of new Set(wanted)) {
    const cached = cache.get(entity);
    if (cached === undefined) missing.add(entity);
    else states.set(entity, cached);
  }
  if (missing.size === 0 && request.reviews.length === 0) return { states, known: new Map() };
  const loaded = await store.load({ ...request, entities: [...missing] });
  for (const [entity, stored] of loaded.states) states.set(entity, restore(stored, parts));
  return { states, known: loaded.known };
}

function restore<T>(stored: StoredState, parts: StateParts<T>): EntityState<T> {
  if (stored.modelId === parts.stepper.modelId) return restoreState(stored, parts.stepper.tensors, parts.codec);
  const { hidden, modelId } = parts.fresh(stored.entity);
  return { ...restoreState(stored, null, parts.codec), hidden, modelId };
}

export function statesToCommit<T>(next: ReadonlyMap<string, EntityState<T>>, before: ReadonlyMap<string, EntityState<T>>, parts: StateParts<T>) {
  return [...next.values()].map((state) => ({
    state: storeState(state, parts.codec, JSON.stringify(parts.summarize(state.tracker, state.entity))),
    expectedVersion: before.get(state.entity)?.version ?? 0n,
  }));
}
