import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { QuoteEvent } from '#contracts';
import { FEATURE_BOUND, FEATURE_NAMES, FEATURE_SIZE } from './features.js';
import { makeForecasts } from './make-forecasts.js';
import { observeQuote } from './observe-quote.js';
import { DEFAULT_HORIZONS } from './settings.js';
import { summarizeForecast } from './summary.js';
import { MINUTE, gaussianOutput, quoteOf, randomFrom, runAll, SETTINGS, START, walk } from './testing.js';
import { forecastTrackerCodec } from './tracker-codec.js';
import { type ForecastTracker, freshForecastTracker } from './tracker.js';

const calm = (count: number, seed = 7, sigma = 0.001): number[] => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => random.normal() * sigma);
};
const bar = (tracker: ForecastTracker, quote: QuoteEvent) => {
  const seen = observeQuote(SETTINGS, tracker, quote);
  assert.equal(seen.kind, 'bar');
  return seen;
};
const feature = (features: readonly number[], name: (typeof FEATURE_NAMES)[number]): number => features[FEATURE_NAMES.indexOf(name)]!;

describe('observeQuote', () => {
  const known = runAll(walk(calm(60))).tracker;
  const { at, close } = known.last!;

  it('calls an earlier quote late and says both times', () => {
    const seen = observeQuote(SETTINGS, known, quoteOf({ close, at: at - 1 }));
    assert.ok(seen.kind === 'late' && seen.reason.includes('2024-01-02T10:29:59.999Z') && seen.reason.includes('2024-01-02T10:30:00.000Z'), JSON.stringify(seen));
  });

  it('calls an identical quote at the same instant a duplicate, also after another tick of that instant', () => {
    assert.equal(observeQuote(SETTINGS, known, quoteOf({ close, at, position: { topic: 't', partition: 3, offset: 99n } })).kind, 'duplicate');
    const other = bar(known, quoteOf({ close: close * 1.0001, at }));
    assert.equal(observeQuote(SETTINGS, other.tracker, quoteOf({ close, at })).kind, 'duplicate');
  });

  it('takes other content at the same instant as another tick: any field counts', () => {
    for (const change of [{ volume: 5 }, { bid: close, ask: close }, { interval: '1m' }, { extra: '{"trade":2}' }, { open: close }]) {
      assert.equal(bar(known, quoteOf({ close, at, ...change })).bar, known.bar + 1n);
    }
  });

  it('makes no forecasts until enough returns were seen, then one per horizon at every bar', () => {
    const made = runAll(walk(calm(30))).forecasts;
    assert.equal(made[0]!.bar, 11n);
    assert.equal(made.length, 21 * DEFAULT_HORIZONS.length);
    assert.deepEqual(made.slice(0, DEFAULT_HORIZONS.length).map((f) => f.horizon), DEFAULT_HORIZONS);
  });

  it('settles each forecast at the bar that lies its horizon later, exactly once', () => {
    const { settlements, forecasts } = runAll(walk(calm(200)));
    const made = new Map(forecasts.map((f) => [`${f.bar}/${f.horizon}`, f]));
    for (const s of settlements) {
      const f = made.get(`${s.bar}/${s.horizon}`)!;
      assert.ok(made.delete(`${s.bar}/${s.horizon}`));
      assert.equal(s.settledAt - f.madeAt, f.horizon * MINUTE);
      assert.equal(s.status, 'settled');
    }
    assert.ok([...made.values()].every((f) => f.bar + BigInt(f.horizon) > 201n), 'only those whose target has not come are left');
  });

  it('equals a slow oracle that keeps the whole history: volatility, actual returns and scales', () => {
    const returns = calm(120);
    const quotes = walk(returns);
    const { forecasts, settlements } = runAll(quotes);
    for (const f of forecasts) {
      const n = Number(f.bar) - 1;
      let [sum, weight] = [0, 0];
      for (let i = 0; i < n; i += 1) {
        const r = Math.log(quotes[i + 1]!.close / quotes[i]!.close);
        sum += 0.94 ** (n - 1 - i) * r * r;
        weight += 0.94 ** (n - 1 - i);
      }
      const sigma = Math.sqrt(sum / weight) * Math.sqrt(f.horizon);
      assert.ok(Math.abs(f.baselineSigma / sigma - 1) < 1e-9, `bar ${f.bar}: ${f.baselineSigma} against ${sigma}`);
      assert.ok(Math.abs(f.raw[10]! / (2.5758293 * sigma) - 1) < 1e-5);
    }
    for (const s of settlements) {
      const from = Number(s.bar) - 1;
      assert.ok(Math.abs(s.actual! - Math.log(quotes[from + s.horizon]!.close / quotes[from]!.close)) < 1e-12);
    }
  });

  it('covers again within 100 bars after volatility triples', () => {
    let inside = 0;
    let all = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const { settlements } = runAll(walk([...calm(600, seed), ...calm(150, 1000 + seed, 0.003)]));
      for (const s of settlements) if (s.horizon === 1 && s.bar > 700n) [inside, all] = [inside + (s.covered90 ? 1 : 0), all + 1];
    }
    assert.ok(inside / all > 0.85 && inside / all < 0.95, `coverage of the 90 % band 100 to 150 bars after the jump: ${inside / all}`);
  });

  it('closes what waits when a split comes, says so, and learns nothing from it', () => {
    const split = bar(known, quoteOf({ close: close / 2, at: at + MINUTE }));
    assert.equal(split.settlements.length, known.pending.length);
    assert.ok(split.settlements.every((s) => s.status === 'unsettled' && s.actual === null && s.reason!.includes('looks like a split (2:1)')), split.settlements[0]?.reason ?? '');
    assert.deepEqual(split.tracker.volatilities, known.volatilities);
    assert.deepEqual(split.tracker.horizons, known.horizons);
    assert.equal(split.tracker.pending.length, 0);
    assert.ok(Math.abs(split.logReturn! + Math.LN2) < 1e-12, 'the row still tells the return');
    assert.match(split.breakReason!, /split \(2:1\)/, 'and is flagged');
  });

  it('learns a crash that is no round ratio', () => {
    const crash = bar(known, quoteOf({ close: close * 0.58, at: at + MINUTE }));
    assert.ok(crash.settlements.every((s) => s.status === 'settled'));
    assert.equal(crash.breakReason, null);
    assert.notDeepEqual(crash.tracker.volatilities, known.volatilities);
  });

  it('closes what waits when the next quote comes a year later', () => {
    const later = bar(known, quoteOf({ close: close * 1.3, at: at + 365 * 86_400_000 }));
    assert.ok(later.settlements.length > 0 && later.settlements.every((s) => s.status === 'unsettled' && s.reason!.includes('no quote came within 14.0 days')));
    assert.ok(later.settlements.every((s) => s.settledAt === at + 14 * 86_400_000), 'dated when they were given up, not when the next quote came');
    assert.match(later.breakReason!, /365\.0 days/);
    assert.deepEqual(later.tracker.volatilities, known.volatilities);
  });

  it('settles over a weekend, which is shorter than the limit', () => {
    const monday = bar(known, quoteOf({ close, at: at + 3 * 86_400_000 }));
    assert.ok(monday.settlements.every((s) => s.status === 'settled'));
  });

  it('recognises sessions and widens the forecast at the last bar of one', () => {
    const random = randomFrom(11);
    const quotes: QuoteEvent[] = [];
    let price = 100;
    for (let day = 0; day < 30; day += 1) {
      for (let i = 0; i < 75; i += 1) {
        price *= Math.exp(random.normal() * (i === 0 ? 0.01 : 0.001));
        quotes.push(quoteOf({ close: price, at: START + day * 86_400_000 + i * 5 * MINUTE }));
      }
    }
    const { forecasts, features } = runAll(quotes);
    assert.equal(feature(features[75 * 20]!, 'border'), 1);
    assert.equal(feature(features[75 * 20 + 1]!, 'border'), 0);
    assert.equal(feature(features[75 * 21 - 1]!, 'endWithin1'), 1);
    assert.equal(feature(features[75 * 21 - 2]!, 'endWithin1'), 0);
    const width = (bar: number): number => {
      const f = forecasts.find((g) => g.bar === BigInt(bar) && g.horizon === 1)!;
      return f.raw[10]! - f.raw[0]!;
    };
    assert.ok(width(75 * 21) > 4 * width(75 * 21 - 1), `${width(75 * 21)} at the close, ${width(75 * 21 - 1)} one bar earlier`);
  });

  it('does not depend on the price level', () => {
    const returns = calm(100);
    const [low, high] = [runAll(walk(returns, 0.5)), runAll(walk(returns, 131_072 * 0.5))];
    low.features.forEach((f, i) => f.forEach((v, k) => assert.ok(Math.abs(v - high.features[i]![k]!) < 1e-5, FEATURE_NAMES[k])));
  });
});

describe('features', () => {
  const price = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true, noDefaultInfinity: true });
  const maybe = (of: fc.Arbitrary<number>) => fc.option(of, { nil: null });
  const anyQuote = fc.record({
    close: fc.oneof(price, fc.double({ min: 99, max: 101, noNaN: true })),
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 4e10 })),
    open: maybe(price), high: maybe(price), low: maybe(price), bid: maybe(price), ask: maybe(price),
    volume: maybe(fc.oneof(fc.constant(0), fc.constant(1e308), fc.double({ min: 0, max: 1e9, noNaN: true }))),
  });

  it('and all that is stored stay finite and bounded, and quantiles never cross, for any accepted sequence of quotes', () => {
    fc.assert(fc.property(fc.array(anyQuote, { minLength: 1, maxLength: 60 }), (rows) => {
      let time = START;
      const quotes = rows.map(({ gap, ...row }) => quoteOf({ ...row, at: (time += gap) }));
      const { tracker, forecasts, settlements, features } = runAll(quotes);
      for (const f of features) {
        assert.equal(f.length, FEATURE_SIZE);
        f.forEach((v, k) => assert.ok(Math.abs(v) <= FEATURE_BOUND, `${FEATURE_NAMES[k]} = ${v}`));
      }
      for (const f of forecasts) {
        for (const q of [f.raw, f.corrected]) q.forEach((v, i) => assert.ok(Number.isFinite(v) && (i === 0 || q[i - 1]! <= v)));
      }
      for (const s of settlements) for (const v of Object.values(s)) if (typeof v === 'number') assert.ok(Number.isFinite(v));
      assert.deepEqual(forecastTrackerCodec.decode(forecastTrackerCodec.encode(tracker), forecastTrackerCodec.format), tracker);
      assert.doesNotThrow(() => JSON.stringify(summarizeForecast(tracker)));
    }), { numRuns: 300 });
  });
});

describe('the tracker', () => {
  it('is never changed by a step', () => {
    const tracker = runAll(walk(calm(80))).tracker;
    const before = forecastTrackerCodec.encode(tracker);
    const quote = quoteOf({ close: tracker.last!.close * 1.01, at: tracker.last!.at + MINUTE });
    const output = gaussianOutput();
    const seen = bar(tracker, quote);
    const between = forecastTrackerCodec.encode(seen.tracker);
    makeForecasts(SETTINGS, seen.tracker, quote, output, 'm');
    assert.deepEqual(forecastTrackerCodec.encode(tracker), before);
    assert.deepEqual(forecastTrackerCodec.encode(seen.tracker), between);
    assert.deepEqual(output, gaussianOutput());
  });

  it('goes on after encode and decode at any bar as if nothing had happened, bit for bit', () => {
    const quotes = walk(calm(90));
    const whole = runAll(quotes);
    for (const cut of [0, 1, 2, 11, 12, 40, 90]) {
      const first = runAll(quotes.slice(0, cut));
      const revived = forecastTrackerCodec.decode(forecastTrackerCodec.encode(first.tracker), forecastTrackerCodec.format);
      const second = runAll(quotes.slice(cut), gaussianOutput(), SETTINGS, revived);
      assert.deepEqual(forecastTrackerCodec.encode(second.tracker), forecastTrackerCodec.encode(whole.tracker));
      assert.deepEqual([...first.settlements, ...second.settlements], whole.settlements);
    }
  });

  it('is small, and does not grow with the number of bars', () => {
    const size = (bars: number): number => forecastTrackerCodec.encode(runAll(walk(calm(bars))).tracker).length;
    assert.equal(size(400), size(100));
    assert.ok(size(400) < 8192, `${size(400)} bytes`);
  });

  it('is refused when its bytes are cut, overlong, not finite or of an unknown format', () => {
    const bytes = forecastTrackerCodec.encode(runAll(walk(calm(30))).tracker);
    const decode = (b: Uint8Array, format = forecastTrackerCodec.format as number) => () => forecastTrackerCodec.decode(b, format);
    assert.throws(decode(bytes.slice(0, -1)), { code: 'STATE_CORRUPT' });
    assert.throws(decode(Uint8Array.from([...bytes, 0])), { code: 'STATE_CORRUPT' });
    assert.throws(decode(bytes, forecastTrackerCodec.format + 1), { code: 'STATE_FORMAT_UNKNOWN' });
    assert.throws(decode(new Uint8Array()), { code: 'STATE_FORMAT_UNKNOWN' });
    const broken = bytes.slice();
    new DataView(broken.buffer).setFloat64(9, Infinity, true);
    assert.throws(decode(broken), { code: 'STATE_CORRUPT' });
    const tracker = freshForecastTracker(SETTINGS);
    assert.throws(() => forecastTrackerCodec.encode({ ...tracker, lastZ: Number.NaN }), { code: 'STATE_CORRUPT' });
  });

  it('takes a model of other horizons and levels: what waits is closed with a reason, the correction starts anew', () => {
    const old = runAll(walk(calm(60))).tracker;
    const settings = { ...SETTINGS, horizons: [1, 2], levels: [0.05, 0.5, 0.95], conformalSteps: SETTINGS.conformalSteps.slice(0, 3) };
    const quotes = walk(calm(90)).slice(61);
    const { settlements, tracker } = runAll(quotes, Float32Array.from([-1, 0, 1, -1, 0, 1]), settings, old);
    assert.ok(settlements.some((s) => s.status === 'unsettled' && s.reason!.includes('11 quantile levels')));
    assert.ok(settlements.some((s) => s.status === 'settled' && s.horizon === 2));
    assert.deepEqual(tracker.horizons.map((h) => h.horizon), [1, 2]);
  });

  it('refuses model output of a wrong length or with NaN', () => {
    const tracker = runAll(walk(calm(30))).tracker;
    const quote = quoteOf({ close: 1, at: START });
    assert.throws(() => makeForecasts(SETTINGS, tracker, quote, new Float32Array(5), 'm'), { code: 'MODEL_OUTPUT_INVALID' });
    assert.throws(() => makeForecasts(SETTINGS, tracker, quote, new Float32Array(SETTINGS.horizons.length * 11).fill(Number.NaN), 'm'), { code: 'MODEL_OUTPUT_INVALID' });
  });
});
