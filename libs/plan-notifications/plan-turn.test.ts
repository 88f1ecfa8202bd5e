import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backoffMs, isQuiet, noticeKind, parseQuietHours, planTurn, type ChannelPolicy, type WaitingDelivery } from './index.js';

const NOW = Date.UTC(2026, 10, 25, 12);
const open: ChannelPolicy = { quiet: null, rate: null };
const limited = (count: number): ChannelPolicy => ({ quiet: null, rate: { count, perMs: 3_600_000 } });
const waiting = (surgeId: string, seq: number, more: Partial<WaitingDelivery> = {}): WaitingDelivery => ({ noticeId: `${surgeId}#${seq}`, surgeId, seq, heldBecause: null, digestId: null, notBefore: null, ...more });

describe('noticeKind', () => {

  it('tells the opening, each rise by two severities and the closing, each once', () => {
    let told: { severity: number; closed: boolean } | null = null;
    const out = ([['opened', 3], ['worsening', 4], ['worsening', 5], ['easing', 5], ['worsening', 6], ['worsening', 7], ['easing', 7], ['closed', 7], ['closed', 9]] as const).map(([status, severity]) => {
      const kind = noticeKind({ status, severity }, told, false);
      if (kind !== null) told = { severity, closed: kind === 'closed' };
      return kind;
    });
    assert.deepEqual(out, ['opened', null, 'worsened', null, null, 'worsened', null, 'closed', null]);
    assert.equal(noticeKind({ status: 'closed', severity: 5 }, null, false), null, 'the opening was never told');
  });

  it('tells nothing while an event mutes, but the end of what was told; and once it does not, what was held back and is still open', () => {
    const told = { severity: 2, closed: false };
    const of = (status: 'opened' | 'worsening' | 'easing' | 'closed', muted: boolean, before: typeof told | null, heldBack = true) => noticeKind({ status, severity: 5, muted }, before, heldBack);
    assert.deepEqual([of('opened', true, null), of('worsening', true, null), of('worsening', true, told), of('closed', true, told)], [null, null, null, 'closed']);
    assert.deepEqual([of('opened', false, null), of('worsening', false, null), of('easing', false, null), of('closed', false, null)], ['opened', 'opened', 'opened', null]);
    assert.deepEqual([of('opened', false, told), of('easing', false, { severity: 5, closed: false })], ['worsened', null], 'what got worse meanwhile');
    assert.equal(of('worsening', false, null, false), null, 'from before anybody was told of anything');
  });
});

describe('planTurn', () => {
  it('sends what waits in order, and nothing of a surge behind a notice that must rest', () => {
    const turn = planTurn(open, [waiting('a', 1, { notBefore: NOW + 1 }), waiting('b', 1), waiting('a', 2), waiting('b', 3)], [], null, NOW);
    assert.deepEqual(turn.sends.map(({ id }) => id), ['b#1', 'b#3']);
    assert.deepEqual(planTurn(open, [waiting('a', 1)], [], NOW + 1, NOW).sends, [], 'the whole channel rests');
  });

  it('keeps still in quiet hours, and then sends one digest of what was held and what came since', () => {
    const quiet: ChannelPolicy = { quiet: parseQuietHours('11:00-13:00', 'UTC', 'X'), rate: null };
    assert.deepEqual(planTurn(quiet, [waiting('a', 1), waiting('b', 1)], [], null, NOW), { hold: [{ noticeId: 'a#1', because: 'quiet hours' }, { noticeId: 'b#1', because: 'quiet hours' }], sends: [] });
    const held = [waiting('a', 1, { heldBecause: 'quiet hours' }), waiting('b', 1, { heldBecause: 'quiet hours' }), waiting('a', 2)];
    assert.deepEqual(planTurn(quiet, held, [], null, NOW + 3_600_000).sends, [{ id: 'digest:a#1..a#2', noticeIds: ['a#1', 'b#1', 'a#2'], because: 'quiet hours' }]);
  });

  it('sends up to the rate, holds the rest, and sends them as one when there is room again', () => {
    const all = [waiting('a', 1), waiting('b', 1), waiting('c', 1)];
    assert.deepEqual(planTurn(limited(2), all, [NOW - 10], null, NOW), { hold: [{ noticeId: 'b#1', because: 'rate limit' }, { noticeId: 'c#1', because: 'rate limit' }], sends: [{ id: 'a#1', noticeIds: ['a#1'], because: null }] });
    const held = all.slice(1).map((each) => ({ ...each, heldBecause: 'rate limit' }));
    assert.deepEqual(planTurn(limited(2), held, [NOW - 10, NOW - 5], null, NOW).sends, []);
    assert.equal(planTurn(limited(2), held, [NOW - 3_600_000, NOW - 5], null, NOW).sends[0]?.noticeIds.length, 2);
  });

  it('repeats a digest that was begun as it was, before anything newer', () => {
    const turn = planTurn(open, [waiting('a', 1, { digestId: 'd', heldBecause: 'rate limit' }), waiting('b', 1, { digestId: 'd', heldBecause: 'rate limit' }), waiting('a', 2)], [], null, NOW);
    assert.deepEqual(turn.sends, [{ id: 'd', noticeIds: ['a#1', 'b#1'], because: 'rate limit' }]);
  });

  it('delivers everything in the end, once, in order per surge, within the rate, whatever fails', () => {
    const scenario = fc.record({ surges: fc.integer({ min: 1, max: 5 }), notices: fc.integer({ min: 1, max: 25 }), rate: fc.integer({ min: 1, max: 4 }), answers: fc.array(fc.constantFrom('ok', 'refused', 'away'), { maxLength: 30 }) });
    fc.assert(fc.property(scenario, ({ surges, notices, rate, answers }) => {
      const queue = Array.from({ length: notices }, (_, i) => waiting(`s${i % surges}`, Math.floor(i / surges) + 1));
      const got: string[] = [];
      const sentAt: number[] = [];
      let rest: number | null = null;
      let left = [...queue];
      for (let now = NOW; left.length > 0; now += 60_000) {
        assert.ok(now < NOW + 40 * 86_400_000, 'an end');
        const turn = planTurn(limited(rate), left, sentAt, rest, now);
        left = left.map((each) => (turn.hold.some(({ noticeId }) => noticeId === each.noticeId) ? { ...each, heldBecause: 'rate limit' } : each));
        const refused = new Set<string>();
        for (const { id, noticeIds } of turn.sends) {
          if (noticeIds.some((noticeId) => refused.has(noticeId.split('#')[0]!))) continue;
          if (noticeIds.length > 1) left = left.map((each) => (noticeIds.includes(each.noticeId) ? { ...each, digestId: id } : each));
          const answer = answers.shift() ?? 'ok';
          if (answer === 'away') { rest = now + 120_000; break; }
          if (answer === 'refused') {
            left = left.map((each) => (noticeIds.includes(each.noticeId) ? { ...each, notBefore: now + 120_000 } : each));
            for (const noticeId of noticeIds) refused.add(noticeId.split('#')[0]!);
            continue;
          }
          sentAt.push(now);
          assert.ok(sentAt.filter((at) => at > now - 3_600_000).length <= rate);
          got.push(...noticeIds);
          left = left.filter(({ noticeId }) => !noticeIds.includes(noticeId));
        }
      }
      assert.equal(new Set(got).size, notices);
      for (let s = 0; s < surges; s += 1) {
        const seqs = got.filter((id) => id.startsWith(`s${s}#`)).map((id) => Number(id.split('#')[1]));
        assert.deepEqual(seqs, seqs.toSorted((a, b) => a - b));
      }
    }), { numRuns: 300 });
  });
});

describe('quiet hours and backoff', () => {
  it('follow the wall clock of the zone over midnight and over the change of the clocks', () => {
    const quiet = parseQuietHours('22:00-07:00', 'Europe/Berlin', 'X');
    for (const [iso, expected] of [['2026-03-28T21:00:00Z', true], ['2026-03-29T04:59:00Z', true], ['2026-03-29T05:00:00Z', false], ['2026-03-28T05:30:00Z', true], ['2026-03-29T19:59:00Z', false], ['2026-03-29T20:00:00Z', true]] as const) {
      assert.equal(isQuiet(quiet, Date.parse(iso)), expected, iso);
    }
    for (const wrong of ['', '7-8', '25:00-07:00', '07:00-07:00', '07:61-08:00']) assert.throws(() => parseQuietHours(wrong, 'UTC', 'NOTIFY_QUIET_HOURS'), /NOTIFY_QUIET_HOURS is not a span/);
  });

  it('doubles to a quarter of an hour, never below half, never before the receiver asked for', () => {
    assert.equal(backoffMs(1, 0), 1_000);
    assert.equal(backoffMs(3, 0.999999), 8_000);
    assert.equal(backoffMs(99, 1), 900_000);
    assert.equal(backoffMs(1, 0.5, 60_000), 60_000);
  });
});
