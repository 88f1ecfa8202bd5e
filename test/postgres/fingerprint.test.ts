/** The comparison that the crash test trusts: it must see every difference that counts and none that does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPostgresStore } from '#commit-postgres';
import { describeDifference, sampleBatch, sampleReview, sampleState, tableFingerprint, useTestDatabase, type TestDatabase } from '#testkit';

describe('the fingerprint of a database', () => {
  const left = useTestDatabase();
  const right = useTestDatabase();

  const fill = async (database: TestDatabase, batches: readonly number[], takings: number) => {
    const store = createPostgresStore({ databaseUrl: database.url });
    let version = 0n;
    for (const size of batches) {
      for (let i = 0; i < takings; i += 1) await store.acquireLease({ topic: 'reviews.v1', partition: 0 }, `owner ${i}`);
      const lease = await store.acquireLease({ topic: 'reviews.v1', partition: 0 }, 'owner');
      const offsets = Array.from({ length: size }, (_, i) => lease.nextOffset + BigInt(i));
      const states = [{ state: sampleState('kettle', version + BigInt(size)), expectedVersion: version }];
      const outcome = await store.commit(sampleBatch(lease, lease.nextOffset + BigInt(size), { reviews: offsets.map((offset) => sampleReview(offset)), states }));
      assert.equal(outcome.kind, 'committed');
      version += BigInt(size);
    }
    await store.close();
  };

  it('does not see batch boundaries, owners or the clock, and names the first row and column that differ', async () => {
    await fill(left, [12], 0);
    await fill(right, [5, 4, 3], 2);
    const [a, b] = [await left.connect(), await right.connect()];
    assert.deepEqual(await tableFingerprint(a), await tableFingerprint(b));
    assert.equal(await describeDifference(a, b), '');
    assert.equal((await tableFingerprint(a)).get('review_score')?.rows, 12);

    await b.query("UPDATE internal.review_score SET p_negative = p_negative + 1e-17 * p_negative, lang = 'fr' WHERE review_id = 'r7'");
    await b.query("DELETE FROM internal.review_identity WHERE review_id = 'r3'");
    await b.query("UPDATE internal.entity_state SET hidden = set_byte(hidden, 0, (get_byte(hidden, 0) + 1) % 256)");
    const difference = await describeDifference(a, b);
    assert.match(difference, /internal.review_score: 12 rows on the left, 12 on the right\n {2}1 rows differ; the first by key \(topic, partition, offset, reviewed_at\) is \(reviews.v1,0,7,.*\n {2}lang: en on the left, fr on the right/);
    assert.match(difference, /internal.review_identity: 12 rows on the left, 11 on the right\n.*\n {2}it exists only on the left/);
    assert.match(difference, /internal.entity_state: [^]*hidden: \\x/);
    assert.equal(difference.includes('stream_lease'), false);
  });
});
