import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFinite } from './finite.js';
import { forecastSettings } from './settings.js';
import { type ForecastTracker, freshForecastTracker } from './tracker.js';

/** Every number of `value` in turn, with a way to put another in its place. */
function* numbersIn(value: unknown, path: string, put: (other: unknown) => unknown): Generator<{ path: string; broken: (by: number) => unknown }> {
  if (typeof value === 'number' || value === null) yield { path, broken: put };
  else if (Array.isArray(value)) for (const [i, each] of value.entries()) yield* numbersIn(each, `${path}[${i}]`, (other) => put(value.with(i, other)));
  else if (typeof value === 'object') for (const [name, each] of Object.entries(value)) yield* numbersIn(each, `${path}.${name}`, (other) => put({ ...value, [name]: other }));
}

describe('the guard of a tracker', () => {
  const whole: ForecastTracker = { ...freshForecastTracker(forecastSettings({ horizons: [1, 5], levels: [0.05, 0.5, 0.95] })), last: { at: 1, close: 2, fingerprints: [] }, jumps: [3, 4] };

  it('lets a finite tracker pass, one with huge numbers too', () => {
    assert.ok(isFinite(whole));
    assert.ok(isFinite({ ...whole, volume: { sum: 1e308, weight: 1e308 } }));
  });

  it('finds any one number that is not finite', () => {
    let seen = 0;
    for (const { path, broken } of numbersIn({ ...whole, interval: '1h' }, 'tracker', (other) => other)) {
      for (const by of [NaN, Infinity, -Infinity]) assert.ok(!isFinite(broken(by) as ForecastTracker), `${path} = ${by}`);
      seen += 1;
    }
    assert.ok(seen > 60, `${seen} numbers looked at`);
  });
});
