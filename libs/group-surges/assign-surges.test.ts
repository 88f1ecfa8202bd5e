import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assignSurges, type GroupLife, type MemberSurge } from './index.js';

const surge = (surgeId: string, openedAt: number, closedAt: number | null, group = 'kettles', productId = surgeId): MemberSurge => ({ surgeId, productId, group, openedAt, closedAt });
const id = (at: number, group = 'kettles') => `group:${group}@${new Date(at).toISOString()}`;

describe('surges of a group', () => {
  it('become one record when a second product’s opens while the first lives; others join while it lives', () => {
    const { created, joined } = assignSurges([surge('c', 30, 90), surge('a', 10, 50), surge('b', 20, 40), surge('d', 89, null), surge('e', 100, null)], []);
    assert.deepEqual(created, [{ groupSurgeId: id(20), group: 'kettles', openedAt: 20 }]);
    assert.deepEqual(joined.map(({ surgeId }) => surgeId), ['a', 'b', 'c', 'd', 'e']);
  });

  it('stay apart in different groups, one after the other, or of one product', () => {
    assert.deepEqual(assignSurges([surge('a', 10, 20), surge('b', 20, 30), surge('c', 12, 18, 'lamps'), surge('a2', 40, 50, 'kettles', 'a'), surge('a3', 45, 60, 'kettles', 'a')], []), { created: [], joined: [] });
  });

  it('join the record that lived when they opened, also when both are over; not one from before', () => {
    const record: GroupLife = { groupSurgeId: 'g', group: 'kettles', openedAt: 10, closedAt: 50 };
    assert.deepEqual(assignSurges([surge('x', 49, 70), surge('y', 60, 65), surge('z', 71, null)], [record]).joined, [{ groupSurgeId: 'g', surgeId: 'x' }, { groupSurgeId: 'g', surgeId: 'y' }]);
  });

  it('end in the same records however often anybody looks on the way', () => {
    const member = fc.record({ product: fc.nat({ max: 4 }), openedAt: fc.integer({ min: 0, max: 100 }), length: fc.integer({ min: 1, max: 40 }), group: fc.constantFrom('kettles', 'lamps') });
    fc.assert(fc.property(fc.uniqueArray(member, { maxLength: 12, selector: ({ openedAt }) => openedAt }), fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 6 }), (given, looks) => {
      const all = given.map(({ product, openedAt, length, group }, i) => surge(`s${i}`, openedAt, openedAt + length, group, `p${product}`));
      const whole = assignSurges(all, []);
      const of = new Map<string, string>();
      const made = new Map<string, GroupLife>();
      for (const now of [...looks.sort((a, b) => a - b), 1_000]) {
        // what is known by then: surges that have opened, and closings that have come
        const seen = all.filter(({ openedAt }) => openedAt <= now).map((each) => ({ ...each, closedAt: each.closedAt! <= now ? each.closedAt : null }));
        const records = [...made.values()].map((record) => {
          const ends = seen.filter(({ surgeId }) => of.get(surgeId) === record.groupSurgeId).map(({ closedAt }) => closedAt);
          return { ...record, closedAt: ends.includes(null) ? null : Math.max(...(ends as number[])) };
        });
        const { created, joined } = assignSurges(seen.filter(({ surgeId }) => !of.has(surgeId)), records);
        for (const each of created) made.set(each.groupSurgeId, { ...each, closedAt: null });
        for (const each of joined) of.set(each.surgeId, each.groupSurgeId);
      }
      assert.deepEqual([...of].sort(), whole.joined.map(({ surgeId, groupSurgeId }) => [surgeId, groupSurgeId]).sort());
    }), { numRuns: 300 });
  });
});
