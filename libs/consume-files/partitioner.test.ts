import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { murmur2, partitionOfKey } from './partitioner.js';

describe('the partitioner', () => {
  it('hashes as Kafka does', () => {
    // The values that Kafka's own tests pin.
    for (const [text, hash] of [['21', -973932308], ['foobar', -790332482], ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829], ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971], ['abc', 479470107]] as const) {
      assert.equal(murmur2(Buffer.from(text)), hash, text);
    }
  });

  it('spreads keys over all partitions, none negative', () => {
    const counts = new Array<number>(7).fill(0);
    for (let at = 0; at < 7_000; at += 1) counts[partitionOfKey(`product-${at}`, 7)]! += 1;
    assert.ok(counts.every((count) => count > 850 && count < 1_150), counts.join());
  });
});
