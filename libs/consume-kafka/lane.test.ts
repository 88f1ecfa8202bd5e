import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchVerdict, MessageBatch } from '#contracts';
import { Lane, type LaneClient } from './lane.js';

const partition = { topic: 'reviews.v1', partition: 0 };
const batchOf = (first: bigint, last: bigint, bytes = 10): MessageBatch => {
  const messages = [];
  for (let offset = first; offset <= last; offset += 1n) messages.push({ ...partition, offset, key: null, value: new Uint8Array(bytes), timestamp: 0 });
  return { ...partition, begin: first, end: last + 1n, messages, highWatermark: last + 1n, lowWatermark: null };
};

/** A client whose handler is released by hand, with everything asked of it in order. */
function laneOver(verdictOf: (batch: MessageBatch) => BatchVerdict = (batch) => ({ kind: 'advance', next: batch.end })) {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const client: LaneClient = {
    pause: () => asked.push('pause'), resume: () => asked.push('resume'), seek: (_partition, to) => asked.push(`seek ${to}`),
    report: (_partition, next) => asked.push(`report ${next}`), lowWatermark: () => Promise.resolve(0n),
    handle: (batch) => new Promise((done) => {
      asked.push(`handle ${batch.begin}-${batch.end - 1n}`);
      held.push(() => done(verdictOf(batch)));
    }),
  };
  const lane = new Lane(partition, client, Promise.resolve());
  const settle = () => new Promise<void>((done) => { setImmediate(done); });
  return { lane, asked, settle, release: async () => { held.shift()!(); await settle(); } };
}

describe('Lane', () => {
  it('gives what came in while the handler worked as one batch', async () => {
    const { lane, asked, settle, release } = laneOver();
    lane.offer(batchOf(0n, 1n));
    await settle();
    for (const [first, last] of [[2n, 2n], [3n, 5n], [6n, 6n]] as const) lane.offer(batchOf(first, last));
    await release();
    assert.deepEqual(asked, ['handle 0-1', 'report 2', 'handle 2-6']);
    await release();
    assert.equal(asked.at(-1), 'report 7');
  });

  it('pauses the partition when enough waits, by bytes, and resumes when the handler takes it', async () => {
    const { lane, asked, settle, release } = laneOver();
    lane.offer(batchOf(0n, 0n));
    await settle();
    lane.offer(batchOf(1n, 1n, 2 * 1024 * 1024 - 1));
    assert.equal(asked.includes('pause'), false);
    lane.offer(batchOf(2n, 2n, 1));
    assert.equal(asked.filter((line) => line === 'pause').length, 1);
    await release();
    assert.deepEqual(asked.slice(-2), ['resume', 'handle 1-2']);
  });

  it('forgets what waits when the handler asks for another offset', async () => {
    const { lane, asked, settle, release } = laneOver(() => ({ kind: 'seek', to: 40n }));
    lane.offer(batchOf(0n, 0n));
    await settle();
    lane.offer(batchOf(1n, 3n));
    await release();
    assert.deepEqual(asked, ['handle 0-0', 'seek 40']);
  });

  it('hands on what holds no message only where it goes on from the last fetch: another may be from before a seek', async () => {
    const markers = (begin: bigint): MessageBatch => ({ ...partition, begin, end: begin + 1n, messages: [], highWatermark: begin + 1n, lowWatermark: null });
    const { lane, asked, settle, release } = laneOver((batch) => (batch.begin === 0n ? { kind: 'seek', to: 40n } : { kind: 'advance', next: batch.end }));
    lane.offer(batchOf(0n, 0n));
    await settle();
    lane.offer(markers(1n));
    await release();
    lane.offer(markers(2n));
    await settle();
    assert.deepEqual(asked, ['handle 0-0', 'seek 40']);
    lane.offer(batchOf(40n, 41n));
    lane.offer(markers(43n));
    lane.offer(markers(42n));
    await settle();
    await release();
    assert.deepEqual(asked.slice(2), ['handle 40-42', 'report 43']);
  });

  it('takes nothing more once the handler has left', async () => {
    const { lane, asked, settle, release } = laneOver(() => ({ kind: 'leave' }));
    lane.offer(batchOf(0n, 0n));
    await settle();
    await release();
    lane.offer(batchOf(1n, 1n));
    await settle();
    assert.deepEqual(asked, ['handle 0-0', 'pause']);
    assert.equal(lane.isOpen, false);
  });
});
