/**
 * Between stored rows and the states that the stages carry: what the cache lacks is loaded in one round trip together
 * with the known reviews. A state of another model starts cold: its hidden tensors are zeros again, or what `rewarm` makes of
 * stored events, while its tracker, which no model shaped, goes on.
 */
import type { EntityState, HiddenState, Lease, LoadRequest, Loaded, StateStepper, StoredSource, StoredState, StreamStore } from '#contracts';
import type { StateCache } from '#drive-stream';
import { restoreState, storeState, type TrackerCodec } from '#score-with-state';

/** What a worker knows of its states: how to begin one, read one and write one. */
export interface StateParts<T> {
  readonly stepper: StateStepper;
  readonly codec: TrackerCodec<T>;
  readonly fresh: (entity: string) => EntityState<T>;
  readonly summarize: (tracker: T, entity: string) => Readonly<Record<string, unknown>>;
  /** Hidden states of this model for entities whose state is another's; those left out begin with zeros. */
  readonly rewarm?: (entities: readonly string[], lease: Lease) => Promise<ReadonlyMap<string, HiddenState>>;
}

export async function loadStates<T>(
  store: Pick<StreamStore, 'load'>,
  cache: StateCache<T>,
  parts: StateParts<T>,
  request: Omit<LoadRequest, 'entities'>,
  wanted: readonly string[],
  lease: Lease,
): Promise<{ states: Map<string, EntityState<T>>; known: Loaded['known']; sources: readonly StoredSource[] }> {
  const states = new Map<string, EntityState<T>>();
  const missing = new Set<string>();
  for (const entity of new Set(wanted)) {
    const cached = cache.get(entity);
    if (cached === undefined) missing.add(entity);
    else states.set(entity, cached);
  }
  const loaded = missing.size === 0 && request.reviews.length === 0 ? null : await store.load({ ...request, entities: [...missing] });
  for (const [entity, stored] of loaded?.states ?? []) states.set(entity, restore(stored, parts));
  await adopt(states, parts, lease);
  return { states, known: loaded?.known ?? new Map(), sources: loaded?.sources ?? [] };
}

/** States that another model left behind become this one's. */
async function adopt<T>(states: Map<string, EntityState<T>>, parts: StateParts<T>, lease: Lease): Promise<void> {
  const { modelId } = parts.stepper;
  const foreign = [...states.values()].filter((state) => state.modelId !== modelId);
  if (foreign.length === 0) return;
  const warm = await parts.rewarm?.(foreign.map(({ entity }) => entity), lease);
  for (const state of foreign) states.set(state.entity, { ...state, modelId, hidden: warm?.get(state.entity) ?? parts.fresh(state.entity).hidden });
}

function restore<T>(stored: StoredState, parts: StateParts<T>): EntityState<T> {
  return restoreState(stored, stored.modelId === parts.stepper.modelId ? parts.stepper.tensors : null, parts.codec);
}

export function statesToCommit<T>(next: ReadonlyMap<string, EntityState<T>>, before: ReadonlyMap<string, EntityState<T>>, parts: StateParts<T>) {
  return [...next.values()].map((state) => ({
    state: storeState(state, parts.codec, parts.summarize(state.tracker, state.entity)),
    expectedVersion: before.get(state.entity)?.version ?? 0n,
  }));
}
