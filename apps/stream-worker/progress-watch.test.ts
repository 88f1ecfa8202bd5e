import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchCommit } from '#contracts';
import { ProgressWatch } from './progress-watch.js';

const commit = (nextOffset: bigint, highWatermark: bigint) =>
  ({ lease: { topic: 't', partition: 0, epoch: 1n, nextOffset: 0n }, nextOffset, highWatermark, reviews: [], quotes: [] }) as unknown as BatchCommit;

describe('ProgressWatch', () => {
  it('finds a worker stalled only when messages wait and nothing was committed for the limit', () => {
    const watch = new ProgressWatch(1_000, 0);
    assert.equal(watch.verdict(5n, 1_000), null);
    assert.match(watch.verdict(5n, 1_001) ?? '', /5 messages wait and nothing was committed for 1 s/);
    watch.committed(commit(3n, 5n), 1_500);
    assert.equal(watch.verdict(2n, 2_500), null);
    assert.notEqual(watch.verdict(2n, 2_501), null);
  });

  it('starts the clock anew when there is nothing to do', () => {
    const watch = new ProgressWatch(1_000, 0);
    assert.equal(watch.verdict(0n, 60_000), null);
    assert.equal(watch.verdict(1n, 60_900), null);
  });

  it('counts the lag of partitions it has not committed in yet', () => {
    const watch = new ProgressWatch(1_000, 0);
    watch.committed(commit(3n, 5n), 10);
    assert.equal(watch.lag(), 2n);
    assert.equal(watch.lag(new Map([['t/0', 9n], ['t/1', 4n]])), 10n);
  });
});
