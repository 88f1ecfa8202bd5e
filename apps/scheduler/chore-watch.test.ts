import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import { ChoreWatch } from './chore-watch.js';

describe('ChoreWatch', () => {
  it('is ready through single failures, and not when a chore fails for a minute, until it succeeds', () => {
    const watch = new ChoreWatch(new Registry());
    for (const at of [0, 30_000, 59_000]) {
      watch.started('deliver the outbox', at);
      watch.ended('deliver the outbox', true, at);
    }
    assert.equal(watch.unready(59_999), null);
    assert.equal(watch.unready(60_000), '"deliver the outbox" has failed for 60 s');
    watch.started('deliver the outbox', 61_000);
    watch.ended('deliver the outbox', false, 61_500);
    assert.equal(watch.unready(200_000), null);
  });

  it('names a chore that does not come to its end', () => {
    const watch = new ChoreWatch(new Registry());
    watch.started('explain surges', 1_000);
    assert.equal(watch.unready(60_999), null);
    assert.equal(watch.unready(61_000), '"explain surges" has been running for 60 s');
  });

  it('counts turns, failures and when a chore last succeeded', async () => {
    const registry = new Registry();
    const watch = new ChoreWatch(registry);
    watch.started('a', 1_000);
    watch.ended('a', false, 1_040);
    watch.started('a', 2_000);
    watch.ended('a', true, 2_001);
    const lines = (await registry.metrics()).split('\n');
    for (const line of ['tidewatch_scheduler_chore_failures_total{chore="a"} 1', 'tidewatch_scheduler_chore_seconds_count{chore="a"} 2', 'tidewatch_scheduler_chore_seconds_bucket{le="0.05",chore="a"} 2', 'tidewatch_scheduler_chore_last_success_timestamp_seconds{chore="a"} 1.04']) assert.ok(lines.includes(line), line);
  });
});
