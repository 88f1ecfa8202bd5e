import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requirePartitions } from './require-partitions.js';

const check = (atBroker: number, stored: readonly number[]) =>
  requirePartitions(
    { ranges: (topic) => Promise.resolve(Array.from({ length: atBroker }, (_, partition) => ({ topic, partition, low: 0n, high: 0n }))) },
    { partitionsOf: () => Promise.resolve(stored) },
    't',
  );

describe('requirePartitions', () => {
  it('accepts a topic that is new, as it was, or larger', async () => {
    await check(2, []);
    await check(2, [0, 1]);
    await check(4, [0, 2]);
  });

  it('refuses a topic with fewer, with found, expected and what to do', async () => {
    await assert.rejects(check(2, [0, 1, 2, 3]), { code: 'TOPIC_SHRUNK', message: /t has 2 partitions.*stored for 4.*partition 2, 3 too.*positions reset t --partition 2", and so for each/ });
  });
});
