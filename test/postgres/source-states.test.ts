/** What a source's stars taught stands in the commit of its partition, and falls with it. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Lease, StoredSource, StreamStore } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { sampleBatch, useTestDatabase } from '#testkit';

const row = (place: number, source: string | null, byte: number): StoredSource => ({ place, source, modelId: 'm', format: 1, hidden: Uint8Array.of(byte, 0, 255), checksum: 4_000_000_000 + byte });

describe('source_state', () => {
  const database = useTestDatabase();
  let store: StreamStore;
  let next = 0;
  before(() => {
    store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 2, leasePatienceMs: 300 }));
  });
  const fresh = (): Promise<Lease> => store.acquireLease({ topic: 'reviews.v1', partition: next++ }, 'test');
  const read = async ({ topic, partition }: Lease, places: readonly number[]) => {
    const { sources } = await store.load({ stream: 'reviews', entities: [], reviews: [{ productId: 'p', reviewId: 'r' }], sources: { topic, partition, places } });
    return [...sources!].sort((a, b) => a.place - b.place).map((one) => ({ ...one, hidden: new Uint8Array(one.hidden) }));
  };

  it('is written, written over and read back as it was, by place, for its own partition alone', async () => {
    const [lease, other] = [await fresh(), await fresh()];
    assert.deepEqual(await store.commit(sampleBatch(lease, 1n, { sources: [row(7, 'shop', 1), row(65_535, null, 2)] })), { kind: 'committed' });
    assert.deepEqual(await store.commit(sampleBatch({ ...lease, nextOffset: 1n }, 2n, { sources: [row(7, 'another shop', 3)] })), { kind: 'committed' });
    assert.deepEqual(await read(lease, [7, 8, 65_535]), [row(7, 'another shop', 3), row(65_535, null, 2)]);
    assert.deepEqual(await read(other, [7, 65_535]), []);
  });

  it('stays as it was when a zombie writes, and when the batch conflicts', async () => {
    const zombie = await fresh();
    await store.commit(sampleBatch(zombie, 1n, { sources: [row(7, 'shop', 1)] }));
    const owner = await store.acquireLease(zombie, 'next owner');
    assert.deepEqual(await store.commit(sampleBatch({ ...zombie, nextOffset: 1n }, 2n, { sources: [row(7, 'shop', 9)] })), { kind: 'fenced' });
    assert.deepEqual(await read(owner, [7]), [row(7, 'shop', 1)]);
  });
});
