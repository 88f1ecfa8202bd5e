import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type EntityState, TidewatchError } from '#contracts';
import { fakeStepper } from './fake-stepper.js';
import { freshState, type KeyedStep, scoreRounds } from './index.js';

interface Event { readonly key: string; readonly at: number; readonly x: number; readonly name?: string; readonly skip?: boolean }
interface Result { readonly key: string; readonly out: number; readonly seen: number }
type States = ReadonlyMap<string, EntityState<number>>;

const stepper = fakeStepper();
const fresh = (entity: string) => freshState(entity, stepper, 3n, 0);
const step: KeyedStep<Event, number, Result> = {
  entityOf: (event) => event.key,
  at: (event) => event.at,
  labelOf: (event) => event.name ?? null,
  prepare: (event, state) => event.skip === true
    ? { kind: 'skip', result: { key: event.key, out: -1, seen: state.tracker } }
    : { kind: 'step', features: Float32Array.of(event.x, (event.at - (state.lastEventAt ?? event.at)) / 7), tracker: state.tracker + 1 },
  finish: (event, tracker, outputs) => ({ tracker, result: { key: event.key, out: outputs.out![0]!, seen: tracker } }),
};

/** The slow, obvious way: one event at a time, one call each. */
async function oneAtATime(events: readonly Event[], from: States = new Map()): Promise<{ states: States; results: Result[] }> {
  let states: States = from;
  const results: Result[] = [];
  for (const event of events) {
    const scored = await scoreRounds(stepper, [[event]], states, fresh, step);
    results.push(...scored.results);
    states = new Map([...states, ...scored.states]);
  }
  return { states, results };
}

/** Rounds as batch-by-key makes them. */
function inRounds(events: readonly Event[]): Event[][] {
  const rounds: Event[][] = [];
  for (const event of events) {
    const free = rounds.findIndex((_, n) => rounds.slice(n).every((later) => later.every(({ key }) => key !== event.key)));
    if (free === -1) rounds.push([event]);
    else rounds[free]!.push(event);
  }
  return rounds;
}

const events = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    at: fc.integer({ min: 0, max: 100_000 }),
    x: fc.float({ min: -4, max: 4, noNaN: true }),
    skip: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
const perKey = (results: readonly Result[]) => Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, results.filter((r) => r.key === key)]));
const sorted = (states: States) => [...states].sort(([a], [b]) => (a < b ? -1 : 1));

describe('scoreRounds', () => {
  it('gives in rounds, to the last bit, what one event at a time gives', async () => {
    await fc.assert(fc.asyncProperty(events, async (given) => {
      const expected = await oneAtATime(given);
      const found = await scoreRounds(stepper, inRounds(given), new Map(), fresh, step);
      assert.deepEqual(perKey(found.results), perKey(expected.results));
      assert.deepEqual(sorted(found.states), sorted(expected.states));
    }));
  });

  it('gives the same wherever the stream is cut into batches', async () => {
    await fc.assert(fc.asyncProperty(events, fc.nat(), async (given, cut) => {
      const at = cut % (given.length + 1);
      const whole = await scoreRounds(stepper, inRounds(given), new Map(), fresh, step);
      const head = await scoreRounds(stepper, inRounds(given.slice(0, at)), new Map(), fresh, step);
      const tail = await scoreRounds(stepper, inRounds(given.slice(at)), head.states, fresh, step);
      assert.deepEqual(sorted(new Map([...head.states, ...tail.states])), sorted(whole.states));
      assert.deepEqual(perKey([...head.results, ...tail.results]), perKey(whole.results));
    }));
  });

  it('changes nothing that it was given', async () => {
    await fc.assert(fc.asyncProperty(events, async (given) => {
      const { states } = await oneAtATime(given);
      const before = structuredClone(states);
      const once = await scoreRounds(stepper, inRounds(given), states, fresh, step);
      assert.deepEqual(states, before);
      assert.deepEqual(await scoreRounds(stepper, inRounds(given), states, fresh, step), once); // a retry
    }));
  });

  it('steps the keys of a round in one call, and calls nothing for a round of skipped events', async () => {
    const calls: { batch: number }[] = [];
    const counting = fakeStepper(calls);
    const event = (key: string, skip = false): Event => ({ key, at: 0, x: 1, skip });
    await scoreRounds(counting, [[event('a'), event('b'), event('c', true)], [event('a', true)]], new Map(), fresh, step);
    assert.deepEqual(calls, [{ batch: 2 }]);
  });

  it('counts versions by one, keeps the newest event time and the newest name, and the snapshot of the start', async () => {
    const given: Event[] = [{ key: 'a', at: 50, x: 1, name: 'Echo' }, { key: 'a', at: 40, x: 1 }, { key: 'a', at: 90, x: 1, skip: true, name: 'unseen' }];
    const { states } = await scoreRounds(stepper, given.map((e) => [e]), new Map(), fresh, step);
    const { version, lastEventAt, label, snapshotId, modelId } = states.get('a')!;
    assert.deepEqual({ version, lastEventAt, label, snapshotId, modelId }, { version: 2n, lastEventAt: 50, label: 'Echo', snapshotId: 3n, modelId: 'fake-1' });
  });

  it('does not list an entity that only had skipped events', async () => {
    const { states } = await scoreRounds(stepper, [[{ key: 'a', at: 1, x: 1, skip: true }]], new Map(), fresh, step);
    assert.equal(states.size, 0);
  });

  const poison: Event[] = [{ key: 'a', at: 1, x: 1 }, { key: 'a', at: 2, x: Infinity }, { key: 'a', at: 3, x: 1 }];

  it('throws MODEL_OUTPUT_INVALID with the entity when a state is not finite', async () => {
    await assert.rejects(scoreRounds(stepper, inRounds(poison), new Map(), fresh, step), (error: unknown) => {
      assert.ok(error instanceof TidewatchError);
      assert.equal(error.code, 'MODEL_OUTPUT_INVALID');
      assert.equal(error.place.entity, 'a');
      assert.match(error.message, /gave Infinity at index 0 of output 'out' for a at version 2/);
      return true;
    });
  });

  it('goes on from the last good state when the step says what a refused event results in, other keys untouched', async () => {
    const refusing: typeof step = { ...step, refused: (event, state) => ({ key: event.key, out: NaN, seen: state.tracker }) };
    const others: Event[] = [{ key: 'b', at: 2, x: 2 }, { key: 'b', at: 3, x: 2 }];
    const { states, results } = await scoreRounds(stepper, inRounds([...poison, ...others]), new Map(), fresh, refusing);
    const clean = await oneAtATime([poison[0]!, poison[2]!, ...others]);
    assert.deepEqual(sorted(states), sorted(clean.states));
    assert.deepEqual(results.filter((r) => Number.isNaN(r.out)), [{ key: 'a', out: NaN, seen: 1 }]);
  });

  it('refuses features, states and models that do not fit, by name', async () => {
    const code = (expected: string, pattern: RegExp) => (error: unknown) => error instanceof TidewatchError && error.code === expected && pattern.test(error.message);
    const event: Event = { key: 'a', at: 1, x: 1 };
    const with_ = (state: EntityState<number>) => scoreRounds(stepper, [[event]], new Map([['a', state]]), fresh, step);
    await assert.rejects(with_({ ...fresh('a'), modelId: 'other' }), code('MODEL_INVALID', /belongs to model other, the running model is fake-1/));
    await assert.rejects(with_({ ...fresh('a'), hidden: { h: new Float32Array(2) } }), code('STATE_CORRUPT', /holds no values for 'c'/));
    const short: typeof step = { ...step, prepare: () => ({ kind: 'step', features: new Float32Array(1), tracker: 0 }) };
    await assert.rejects(scoreRounds(stepper, [[event]], new Map(), fresh, short), code('MODEL_INVALID', /takes 2 features, 1 were given for a/));
  });
});
