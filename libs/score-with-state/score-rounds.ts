/**
 * Runs rounds of events through the state model: gathers the features and hidden states of a round's keys into one
 * batch, steps them together, and gives each key its own rows, in memory of its own in the end. Promises:
 * - Nothing given is changed; a retried batch finds the states it found before.
 * - A key's result and next state depend on that key's events alone: batched equals one at a time, to the last bit,
 *   as long as the stepper keeps its own promise of the same (libs/contracts/model.ts).
 * - A busy key's events are stepped in one call where model and step allow it (score-stretches.ts); that changes nothing else.
 * - A state or output that is not finite never goes on. The event is refused, and its key goes on from the last good
 *   state: `refused` makes the event's result; without it MODEL_OUTPUT_INVALID is thrown, with the entity as its place.
 * (Contract of a stateful step: bytewax StatefulBatchLogic; batching across keys: Triton's implicit state.)
 */
import { type EntityState, type StateStepper, TidewatchError } from '#contracts';
import { advance } from './advance.js';
import type { KeyedStep } from './keyed-step.js';
import { detach, gatherFeatures, gatherHidden, type Rows, scatter } from './rows.js';
import { scoreStretches } from './score-stretches.js';

export interface ScoredRounds<T, R> {
  /** The next states, of the entities that were advanced only. */
  readonly states: ReadonlyMap<string, EntityState<T>>;
  /** One per event, in the order of the rounds. */
  readonly results: readonly R[];
}

interface Pending<E, T> {
  readonly event: E;
  readonly state: EntityState<T>;
  readonly features: ArrayLike<number>;
  readonly tracker: T;
  /** Index of the event's result. */
  readonly slot: number;
}

/** @param rounds at most one event of an entity in each (batch-by-key); @param fresh makes the state of an entity that `states` does not hold */
export async function scoreRounds<E, T, R>(
  stepper: StateStepper,
  rounds: readonly (readonly E[])[],
  states: ReadonlyMap<string, EntityState<T>>,
  fresh: (entity: string) => EntityState<T>,
  step: KeyedStep<E, T, R>,
): Promise<ScoredRounds<T, R>> {
  const next = new Map<string, EntityState<T>>();
  const results: R[] = new Array<R>(rounds.reduce((sum, { length }) => sum + length, 0));
  const done = await scoreStretches(stepper, rounds, (entity) => states.get(entity) ?? fresh(entity), step, next, results);
  let slot = -1;
  for (const round of rounds) {
    const pending: Pending<E, T>[] = [];
    for (const event of round) {
      slot += 1;
      const entity = step.entityOf(event);
      if (done.has(entity)) continue;
      const state = next.get(entity) ?? states.get(entity) ?? fresh(entity);
      const prepared = 'featuresAt' in step ? { kind: 'step' as const, features: step.featuresAt(event, state.lastEventAt), tracker: state.tracker } : step.prepare(event, state);
      if (prepared.kind === 'skip') results[slot] = prepared.result;
      else pending.push({ event, state, features: prepared.features, tracker: prepared.tracker, slot });
    }
    if (pending.length === 0) continue;
    const stepped = await stepRound(stepper, pending);
    pending.forEach((one, row) => {
      const rows = stepped[row]!;
      if (rows.fault !== null) {
        results[one.slot] = refuse(stepper, step, one, rows.fault);
        return;
      }
      const { tracker, result } = step.finish(one.event, one.tracker, rows.outputs);
      results[one.slot] = result;
      next.set(one.state.entity, { ...advance(step, one.event, one.state, tracker), hidden: rows.states });
    });
  }
  for (const [entity, state] of next) next.set(entity, { ...state, hidden: detach(state.hidden) });
  return { states: next, results };
}

async function stepRound<E, T>(stepper: StateStepper, pending: readonly Pending<E, T>[]): Promise<readonly Rows[]> {
  const features = gatherFeatures(stepper, pending);
  const hidden = gatherHidden(stepper, pending.map(({ state }) => state));
  const result = await stepper.step(pending.length, features, hidden);
  return scatter(stepper, pending.length, result);
}

function refuse<E, T, R>(stepper: StateStepper, step: KeyedStep<E, T, R>, one: Pending<E, T>, fault: string): R {
  const error = new TidewatchError(
    'MODEL_OUTPUT_INVALID',
    `Model ${stepper.modelId} gave ${fault} for ${one.state.entity} at version ${one.state.version + 1n}; finite numbers were expected. ` +
      'The event was not scored and the state stays at the version before. Check the model with `tidewatch doctor` and its card.',
    { place: { entity: one.state.entity } },
  );
  if (step.refused === undefined) throw error;
  return step.refused(one.event, one.state, error);
}
