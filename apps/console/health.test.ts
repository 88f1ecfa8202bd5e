import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeHealth } from './health.js';

const row = (lag: number, committedAt: number | null) => ({ topic: 'reviews.v1', partition: 2, lag, committed_at: committedAt === null ? null : new Date(committedAt) });

describe('judgeHealth', () => {
  it('is well with nothing consumed yet, and with an idle stream', () => {
    assert.equal(judgeHealth([], [], [], 1e9, 1_000).ok, true);
    assert.equal(judgeHealth([row(0, 0), row(3, null)], [], [], 1e9, 1_000).ok, true);
  });

  it('names the partition that lags without moving, just past the limit', () => {
    assert.equal(judgeHealth([row(5, 1_000)], [], [], 2_000, 1_000).ok, true);
    assert.deepEqual(judgeHealth([row(5, 1_000)], [], [], 3_000, 1_000).reasons, ['reviews.v1/2: 5 messages wait and nothing was committed for 2 s']);
  });

  it('counts a silent feed as ill', () => {
    assert.deepEqual(judgeHealth([], ['quotes'], [], 0, 1_000), { ok: false, reasons: ['the feed of quotes is silent'] });
  });

  it('counts a channel that reaches nobody as ill', () => {
    assert.deepEqual(judgeHealth([], [], ['slack'], 0, 1_000), { ok: false, reasons: ['notifications over slack are failing (see tidewatch.notification_channels)'] });
  });
});
