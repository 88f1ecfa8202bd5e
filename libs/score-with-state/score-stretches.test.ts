import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type EntityState, TidewatchError } from '#contracts';
import { fakeStepper } from './fake-stepper.js';
import { freshState, type KeyedStep, scoreRounds } from './index.js';

interface Event { readonly key: string; readonly at: number; readonly x: number }
interface Result { readonly key: string; readonly at: number; readonly out: number; readonly seen: number }

const featuresAt = (event: Event, lastEventAt: number | null) => Float32Array.of(event.x, (event.at - (lastEventAt ?? event.at)) / 7);
const step: KeyedStep<Event, number, Result> = {
  entityOf: (event) => event.key,
  at: (event) => event.at,
  labelOf: (event) => (event.at % 3 === 0 ? `at ${event.at}` : null),
  featuresAt,
  finish: (event, tracker, outputs) => ({ tracker: tracker + 1, result: { key: event.key, at: event.at, out: outputs['out']![0]!, seen: tracker } }),
  refused: (event, state) => ({ key: event.key, at: event.at, out: -1, seen: state.tracker }),
};

/** The n-th event of a key in round n, as batch-by-key makes them. */
function inRounds(events: readonly Event[]): Event[][] {
  const rounds: Event[][] = [];
  const count = new Map<string, number>();
  for (const event of events) {
    const n = count.get(event.key) ?? 0;
    count.set(event.key, n + 1);
    (rounds[n] ??= []).push(event);
  }
  return rounds;
}

const score = (sequences: boolean, events: readonly Event[], states: ReadonlyMap<string, EntityState<number>> = new Map(), calls: { batch: number; steps?: number }[] = []) => {
  const stepper = fakeStepper(calls, { sequences });
  return scoreRounds(stepper, inRounds(events), states, (entity) => freshState(entity, stepper, 3n, 0), step);
};

const busy = fc.array(
  fc.record({ key: fc.constantFrom('hot', 'hot', 'hot', 'hot', 'warm', 'warm', 'a', 'b', 'c'), at: fc.integer({ min: 0, max: 100_000 }), x: fc.float({ min: -4, max: 4, noNaN: true }) }),
  { minLength: 10, maxLength: 120 },
);

describe('a busy key, stepped as one stretch', () => {
  it('gives, to the last bit and in the same places, what rounds give, from fresh and from carried states', async () => {
    await fc.assert(fc.asyncProperty(busy, busy, async (first, second) => {
      const apart = await score(false, first);
      const together = await score(true, first);
      assert.deepEqual(together, apart);
      assert.deepEqual(await score(true, second, together.states), await score(false, second, apart.states));
    }), { numRuns: 100 });
  });

  it('goes on over several calls when it is long, and takes far fewer calls than events', async () => {
    const events = Array.from({ length: 700 }, (_, n): Event => ({ key: n % 10 === 0 ? 'warm' : 'hot', at: 1_000 * n, x: Math.sin(n) }));
    const calls: { batch: number; steps?: number }[] = [];
    assert.deepEqual(await score(true, events, new Map(), calls), await score(false, events));
    assert.deepEqual(calls.map(({ steps }) => steps), [256, 256, 118, 70]);
  });

  it('leaves a key to the rounds when anything of its stretch is not finite, and its neighbours untouched', async () => {
    const events = Array.from({ length: 60 }, (_, n): Event => ({ key: n % 2 === 0 ? 'sound' : 'sick', at: 1_000 * n, x: n === 21 ? 3.4e38 : n === 23 ? 3e38 : 1 }));
    const calls: { batch: number; steps?: number }[] = [];
    const scored = await score(true, events, new Map(), calls);
    assert.deepEqual(scored, await score(false, events));
    assert.deepEqual(scored.results.filter(({ out }) => out === -1).map(({ key, at }) => [key, at]), [['sick', 23_000]]);
    assert.deepEqual(calls[0], { batch: 2, steps: 30 });
  });

  it('refuses features of another size by naming the key', async () => {
    const stepper = fakeStepper([], { sequences: true });
    const wrong = { ...step, featuresAt: () => new Float32Array(3) };
    const events = Array.from({ length: 8 }, (_, n): Event => ({ key: 'hot', at: n, x: 1 }));
    await assert.rejects(scoreRounds(stepper, inRounds(events), new Map(), (entity) => freshState(entity, stepper, 3n, 0), wrong), (error: unknown) => error instanceof TidewatchError && error.code === 'MODEL_INVALID' && error.place.entity === 'hot');
  });
});
