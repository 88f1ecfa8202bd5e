import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchCommit, MessageBatch } from '#contracts';
import { ProgressWatch } from './progress-watch.js';

const commit = (nextOffset: bigint, highWatermark: bigint) =>
  ({ lease: { topic: 't', partition: 0, epoch: 1n, nextOffset: 0n }, nextOffset, highWatermark, reviews: [], quotes: [] }) as unknown as BatchCommit;

const batch = (first: bigint, highWatermark: bigint) => ({ topic: 't', partition: 0, begin: first, messages: [{ offset: first }], highWatermark }) as unknown as MessageBatch;

describe('ProgressWatch', () => {
  it('finds a worker stalled only when messages wait and nothing was committed for the limit', () => {
    const watch = new ProgressWatch(1_000, 0);
    watch.committed(commit(3n, 8n), 0);
    assert.equal(watch.verdict(1_000), null);
    assert.match(watch.verdict(1_001) ?? '', /5 messages wait and nothing was committed for 1 s/);
    watch.committed(commit(6n, 8n), 1_500);
    assert.equal(watch.verdict(2_500), null);
    assert.notEqual(watch.verdict(2_501), null);
  });

  it('starts the clock anew when there is nothing to do', () => {
    const watch = new ProgressWatch(1_000, 0);
    watch.committed(commit(8n, 8n), 0);
    assert.equal(watch.verdict(60_000), null);
    watch.committed(commit(8n, 9n), 60_000);
    assert.equal(watch.verdict(61_000), null);
  });

  it('counts the batch in hand as waiting, also in a partition without a commit yet, and no longer when it was left', async () => {
    const watch = new ProgressWatch(1_000, 0);
    await watch.handing(batch(4n, 9n), async () => {
      assert.deepEqual(watch.lags(), new Map([[0, 5n]]));
      assert.match(watch.verdict(1_001) ?? '', /5 messages wait/);
      watch.committed(commit(7n, 9n), 1_200);
      assert.equal(watch.lag(), 2n);
    });
    assert.equal(watch.lag(), 2n);
    const other = new ProgressWatch(1_000, 0);
    await assert.rejects(other.handing(batch(4n, 9n), () => Promise.reject(new Error('left'))));
    assert.equal(other.lag(), 0n);
  });

  it('does not count the time for which the whole process was suspended', () => {
    const watch = new ProgressWatch(1_000, 0);
    watch.committed(commit(3n, 8n), 0);
    assert.equal(watch.verdict(500), null);
    assert.equal(watch.verdict(90_500), null);
    assert.equal(watch.verdict(91_000), null);
    assert.notEqual(watch.verdict(91_001), null);
  });

  it('forgets what waits in a partition that another worker has now', () => {
    const watch = new ProgressWatch(1_000, 0);
    watch.committed(commit(3n, 8n), 0);
    watch.revoked([{ partition: 0 }]);
    assert.equal(watch.verdict(5_000), null);
  });

  it('is ready once it has joined, without a partition too, and not when it stands still for half the limit', () => {
    const watch = new ProgressWatch(1_000, 0);
    assert.equal(watch.unready(0), 'not in the consumer group yet');
    watch.assigned();
    assert.equal(watch.unready(9_000), null);
    watch.committed(commit(3n, 8n), 9_000);
    assert.equal(watch.unready(9_500), null);
    assert.match(watch.unready(9_501) ?? '', /5 messages wait/);
    assert.equal(watch.verdict(9_501), null);
  });
});
