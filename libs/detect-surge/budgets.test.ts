import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calendarFrom, EMPTY_CALENDAR, surgeSettings } from './index.js';

const quarter = 1 / 91;
const body = { events: [], budgets: [{ productId: 'kettle', perDay: 1 / 7, group: null }, { productId: 'toaster', perDay: 1 / 30, group: 'kitchen' }] };

describe('the budget in force', () => {
  it('is the product\'s own, its group\'s, or the default, and the settings say which', () => {
    const settings = surgeSettings({ budgetPerDay: quarter });
    const calendar = calendarFrom(4n, body);
    const found = ['kettle', 'toaster', 'lamp'].map((product) => calendar.settingsOf(settings, product)).map(({ budgetPerDay, budgetSource }) => [budgetPerDay, budgetSource]);
    assert.deepEqual(found, [[1 / 7, 'product'], [1 / 30, 'group kitchen'], [quarter, 'default']]);
    assert.equal(calendar.settingsOf(settings, 'lamp'), calendar.settingsOf(settings, 'chair'), 'products without one of their own share one object');
    assert.equal(calendar.settingsOf(settings, 'kettle'), calendar.settingsOf(settings, 'kettle'));
    assert.equal(calendar.settingsOf(settings, 'kettle').settingsId, settings.settingsId);
  });

  it('is cut by one factor for all where they add up to more than the portfolio may raise, and then adds up to that', () => {
    const settings = surgeSettings({ budgetPerDay: quarter, portfolio: { perDay: 2 / 7, products: 1000 } });
    const calendar = calendarFrom(4n, body);
    const [own, group, rest] = ['kettle', 'toaster', 'lamp'].map((product) => calendar.settingsOf(settings, product));
    assert.ok(Math.abs(own!.budgetPerDay + group!.budgetPerDay + 998 * rest!.budgetPerDay - 2 / 7) < 1e-12);
    assert.ok(Math.abs(own!.budgetPerDay / rest!.budgetPerDay - 13) < 1e-9, 'what was asked for keeps its proportion');
    assert.deepEqual([own, group, rest].map((each) => each!.budgetSource), ['product, within the portfolio', 'group kitchen, within the portfolio', 'default, within the portfolio']);
    assert.equal(EMPTY_CALENDAR.settingsOf(surgeSettings({ portfolio: { perDay: 2 / 7, products: 3 } }), 'lamp').budgetSource, 'default');
  });

  it('is refused where a snapshot makes no sense of it', () => {
    for (const [budgets, expected] of [
      ['x', /"budgets" as a list/], [[{ productId: 1, perDay: 1, group: null }], /budget 1 with a productId/], [[{ productId: 'p', perDay: 0, group: null }], /budget 1 with 0.000001 to 24 false alarms a day/],
      [[{ productId: 'p', perDay: -1, group: null }], /false alarms a day/], [[{ productId: 'p', perDay: 25, group: 'g' }], /false alarms a day/],
    ] as const) assert.throws(() => calendarFrom(9n, { events: [], budgets }), (error: Error) => expected.test(error.message) && error.message.includes('snapshot 9'));
  });
});
