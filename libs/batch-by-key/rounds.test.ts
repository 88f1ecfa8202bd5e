import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { roundsByKey } from './index.js';

const events = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '__proto__', 'constructor'), { maxLength: 200 })
  .map((keys) => keys.map((key, index) => ({ key, index })));
const keyOf = (event: { key: string }) => event.key;

describe('roundsByKey', () => {
  it('makes no round of no events', () => {
    assert.deepEqual(roundsByKey([], String), []);
  });

  it('gives the second event of a key to the second round', () => {
    assert.deepEqual(roundsByKey(['a1', 'b1', 'a2', 'c1', 'a3'], (event) => event.charAt(0)), [['a1', 'b1', 'c1'], ['a2'], ['a3']]);
  });

  it('holds every event exactly once', () => {
    fc.assert(fc.property(events, (given) => {
      const kept = roundsByKey(given, keyOf).flat().sort((a, b) => a.index - b.index);
      assert.deepEqual(kept, given);
    }));
  });

  it('puts at most one event of a key into a round, in the order of arrival', () => {
    fc.assert(fc.property(events, (given) => {
      for (const round of roundsByKey(given, keyOf)) {
        assert.equal(new Set(round.map(keyOf)).size, round.length);
        assert.deepEqual([...round].sort((a, b) => a.index - b.index), round);
      }
    }));
  });

  it('keeps the order within each key across rounds', () => {
    fc.assert(fc.property(events, (given) => {
      const taken = roundsByKey(given, keyOf).flat();
      for (const key of new Set(given.map(keyOf))) {
        assert.deepEqual(taken.filter((e) => e.key === key), given.filter((e) => e.key === key));
      }
    }));
  });

  it('needs exactly as many rounds as the most frequent key has events, and none of them is empty', () => {
    fc.assert(fc.property(events, (given) => {
      const rounds = roundsByKey(given, keyOf);
      const counts = [...new Set(given.map(keyOf))].map((key) => given.filter((e) => e.key === key).length);
      assert.equal(rounds.length, Math.max(0, ...counts));
      assert.ok(rounds.every((round) => round.length > 0));
    }));
  });
});
