/**
 * The busy keys of a batch: instead of one round per event, a key's events go through the model as one stretch, keys of
 * about the same number of events side by side. A product that is half of a batch would otherwise make a round of its own
 * per review. Keys whose stretch gives anything that is not finite are left to the rounds, which find out which event it was.
 */
import type { EntityState, StateStepper } from '#contracts';
import { advance, laterOf } from './advance.js';
import { allFinite, cutRows, gatherHidden, requireFeatures } from './rows.js';
import type { KeyedStep, TimedStep } from './keyed-step.js';

/** Keys with fewer events share rounds with the others at no cost. */
const FEWEST_EVENTS = 5;
/** Steps of one call; a longer stretch goes on from the state reached. */
const MOST_STEPS = 256;
/** Steps times keys of one call, what lies behind the shorter ones included: bounds how long it holds the thread. */
const MOST_CELLS = 1_024;

interface Stretch<E, T> {
  readonly entity: string;
  readonly state: EntityState<T>;
  readonly events: readonly E[];
  /** Index of each event's result. */
  readonly slots: readonly number[];
}

/** Writes to `next` and `results` what it has scored; @returns the entities that are done */
export async function scoreStretches<E, T, R>(
  stepper: StateStepper,
  rounds: readonly (readonly E[])[],
  stateOf: (entity: string) => EntityState<T>,
  step: KeyedStep<E, T, R>,
  next: Map<string, EntityState<T>>,
  results: R[],
): Promise<ReadonlySet<string>> {
  const done = new Set<string>();
  if (stepper.sequence === undefined || !('featuresAt' in step) || rounds.length < FEWEST_EVENTS) return done;
  for (const group of groupsOfLikeLength(busyKeys(rounds, stateOf, step))) {
    for (const scored of await scoreGroup(stepper, group, step)) {
      if (scored === null) continue;
      done.add(scored.state.entity);
      next.set(scored.state.entity, scored.state);
      scored.results.forEach(([slot, result]) => { results[slot] = result; });
    }
  }
  return done;
}

function busyKeys<E, T, R>(rounds: readonly (readonly E[])[], stateOf: (entity: string) => EntityState<T>, step: KeyedStep<E, T, R>): Stretch<E, T>[] {
  // A key with so many events has one in this round.
  const busy = new Map(rounds[FEWEST_EVENTS - 1]!.map((event) => [step.entityOf(event), { events: [] as E[], slots: [] as number[] }]));
  let slot = 0;
  for (const round of rounds) {
    for (const event of round) {
      const stretch = busy.get(step.entityOf(event));
      stretch?.events.push(event);
      stretch?.slots.push(slot);
      slot += 1;
    }
  }
  return [...busy].map(([entity, { events, slots }]) => ({ entity, state: stateOf(entity), events, slots }));
}

/** Longest first; a group ends where a stretch would be less than half as long as its longest, or the call too large. */
function groupsOfLikeLength<E, T>(stretches: readonly Stretch<E, T>[]): Stretch<E, T>[][] {
  const groups: Stretch<E, T>[][] = [];
  for (const stretch of [...stretches].sort((a, b) => b.events.length - a.events.length)) {
    const group = groups.at(-1);
    const longest = group?.[0]?.events.length ?? 0;
    if (group !== undefined && 2 * stretch.events.length >= longest && (group.length + 1) * Math.min(longest, MOST_STEPS) <= MOST_CELLS) group.push(stretch);
    else groups.push([stretch]);
  }
  return groups;
}

type Scored<T, R> = { readonly state: EntityState<T>; readonly results: readonly (readonly [slot: number, result: R])[] } | null;

/** One entry per stretch; null where something was not finite. */
async function scoreGroup<E, T, R>(stepper: StateStepper, group: readonly Stretch<E, T>[], step: TimedStep<E, T, R>): Promise<Scored<T, R>[]> {
  const states = group.map(({ state }) => state);
  const found = group.map((): [number, R][] => []);
  const finite = group.map(() => true);
  const longest = group[0]!.events.length;
  for (let from = 0; from < longest; from += MOST_STEPS) {
    const lanes = group.flatMap(({ events }, index) => (events.length > from && finite[index]! ? [{ index, events: events.slice(from, from + MOST_STEPS) }] : []));
    if (lanes.length === 0) break;
    const steps = lanes[0]!.events.length;
    const features = new Float32Array(steps * lanes.length * stepper.featureSize); // [S, B, F]
    lanes.forEach(({ index, events }, lane) => {
      let { lastEventAt } = states[index]!;
      events.forEach((event, s) => {
        const own = step.featuresAt(event, lastEventAt);
        requireFeatures(stepper, states[index]!.entity, own);
        features.set(own, (s * lanes.length + lane) * stepper.featureSize);
        lastEventAt = laterOf(lastEventAt, step.at(event));
      });
    });
    const hidden = gatherHidden(stepper, lanes.map(({ index }) => states[index]!));
    const result = await stepper.sequence!(steps, Int32Array.from(lanes, ({ events }) => events.length), features, hidden);
    const outputs = cutRows(stepper, 'output', result.outputs, steps * lanes.length); // [S B] rows
    const after = cutRows(stepper, 'state', result.states, lanes.length);
    lanes.forEach(({ index, events }, lane) => {
      const own = events.map((_, s) => outputs[s * lanes.length + lane]!);
      if (![after[lane]!, ...own].every(allFinite)) {
        finite[index] = false;
        return;
      }
      let state = states[index]!;
      events.forEach((event, s) => {
        const { tracker, result: made } = step.finish(event, state.tracker, own[s]!);
        found[index]!.push([group[index]!.slots[from + s]!, made]);
        state = advance(step, event, state, tracker);
      });
      states[index] = { ...state, hidden: after[lane]! };
    });
  }
  return group.map((_, index) => (finite[index]! ? { state: states[index]!, results: found[index]! } : null));
}
