import type { EntityState } from '#contracts';
import type { KeyedStep } from './keyed-step.js';

/** The state one event further, all but its hidden tensors. */
export function advance<E, T, R>(step: KeyedStep<E, T, R>, event: E, state: EntityState<T>, tracker: T): EntityState<T> {
  return {
    ...state,
    version: state.version + 1n,
    label: step.labelOf(event) ?? state.label,
    lastEventAt: laterOf(state.lastEventAt, step.at(event)),
    tracker,
  };
}

/** A late event does not turn the clock back. */
export const laterOf = (last: number | null, at: number): number => (last === null ? at : Math.max(last, at));
