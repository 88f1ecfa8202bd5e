/** What is left behind when something breaks in the middle of a commit: nothing. */
import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import type { Lease, StreamStore, TidewatchError } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { sampleBatch, sampleReview, sampleState, tableFingerprint, useTestDatabase } from '#testkit';

/** Asks again until it holds, or the deadline; the failure shows what was last seen. */
async function until<T>(what: string, ask: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const seen = await ask();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) assert.fail(`waited for ${what}; last seen: ${JSON.stringify(seen)}`);
  }
}

describe('a commit that meets misfortune', () => {
  const database = useTestDatabase();
  let store: StreamStore;
  let lease: Lease;
  let partition = 0;
  before(() => {
    store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 4, leasePatienceMs: 200 }));
  });
  beforeEach(async () => {
    lease = await store.acquireLease({ topic: 'reviews.v1', partition: partition++ }, 'test');
  });

  const batch = (size = 3) => sampleBatch(lease, BigInt(size), {
    reviews: Array.from({ length: size }, (_, i) => sampleReview(BigInt(i), { productId: `p${lease.partition}`, partition: lease.partition })),
    states: [{ state: sampleState(`p${lease.partition}`, BigInt(size)), expectedVersion: 0n }],
  });
  const prints = async () => JSON.stringify([...(await tableFingerprint(await database.connect()))]);
  const waiting = () => database.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidewatch' AND wait_event_type = 'Lock'");

  /** A trigger that raises `code` at the last table but one of the commit, after states, identities and scores. */
  async function withFailure(code: string, work: () => Promise<void>): Promise<void> {
    await database.query(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '${code}'; END $$`);
    await database.query('CREATE TRIGGER fail BEFORE INSERT ON internal.review_score FOR EACH ROW EXECUTE FUNCTION public.fail()');
    try {
      await work();
    } finally {
      await database.query('DROP FUNCTION public.fail() CASCADE');
    }
  }

  it('leaves nothing when the disk is full, and succeeds when it is tried again', async () => {
    const before = await prints();
    await withFailure('53100', async () => {
      const outcome = await store.commit(batch());
      assert.equal(outcome.kind, 'retry');
      assert.ok(outcome.kind === 'retry' && outcome.afterMs > 0 && /injected/.test(String(outcome.cause)));
    });
    assert.equal(await prints(), before);
    assert.deepEqual(await store.commit(batch()), { kind: 'committed' });
  });

  it('throws what it does not know, with statement, topic, partition and offsets, and leaves nothing', async () => {
    const before = await prints();
    await withFailure('P0001', async () => {
      await assert.rejects(store.commit(batch()), (error: TidewatchError) => {
        assert.equal(error.code, 'DATABASE_REFUSED');
        assert.match(error.message, new RegExp(`reviews.v1/${lease.partition}, offsets 0 to 2 at "copy into internal.review_score": injected`));
        assert.deepEqual(error.place, { topic: 'reviews.v1', partition: lease.partition, offset: 0n });
        return true;
      });
    });
    assert.equal(await prints(), before);
  });

  it('gives a retry when the server ends its session in the middle, and leaves nothing', async () => {
    const before = await prints();
    const blocker = await database.connect();
    await blocker.query('BEGIN; LOCK TABLE internal.review_score IN SHARE MODE');
    const commit = store.commit(batch());
    const [blocked] = await until('the commit to wait', waiting, (rows) => rows.length === 1);
    await database.query('SELECT pg_terminate_backend($1)', [blocked!.pid]);
    assert.equal((await commit).kind, 'retry');
    await blocker.query('ROLLBACK');
    assert.equal(await prints(), before);
    assert.deepEqual(await store.commit(batch()), { kind: 'committed' });
  });

  it('finds out, when it tries a commit in doubt again, that it went through after all', async () => {
    const blocker = await database.connect();
    await blocker.query('BEGIN; LOCK TABLE internal.review_score IN SHARE MODE');
    const commit = store.commit(batch());
    const [blocked] = await until('the commit to wait', waiting, (rows) => rows.length === 1);
    await database.query('SELECT pg_terminate_backend($1)', [blocked!.pid]);
    assert.equal((await commit).kind, 'retry');
    await blocker.query('ROLLBACK');
    // As if the connection had broken behind COMMIT: the same commit is there, written over another connection.
    const other = createPostgresStore({ databaseUrl: database.url });
    assert.deepEqual(await other.commit(batch()), { kind: 'committed' });
    await other.close();
    const before = await prints();
    assert.deepEqual(await store.commit(batch()), { kind: 'committed' });
    assert.deepEqual(await store.commit(batch()), { kind: 'fenced' }, 'without a doubt it is a repetition');
    assert.equal(await prints(), before);
  });

  it('makes the next owner wait while it is under way, and the next owner starts behind it', async () => {
    const patient = createPostgresStore({ databaseUrl: database.url, leasePatienceMs: 60_000 });
    try {
      const blocker = await database.connect();
      await blocker.query('BEGIN; LOCK TABLE internal.review_score IN SHARE MODE');
      const commit = store.commit(batch());
      await until('the commit to wait', waiting, (rows) => rows.length === 1);
      const taking = patient.acquireLease(lease, 'next');
      await until('the next owner to wait', waiting, (rows) => rows.length === 2);
      await blocker.query('ROLLBACK');
      assert.deepEqual(await commit, { kind: 'committed' });
      assert.deepEqual(await taking, { topic: lease.topic, partition: lease.partition, epoch: 2n, nextOffset: 3n });
    } finally {
      await patient.close();
    }
  });

  it('is ended by the next owner when it does not get on: a zombie blocks nobody for ever', async () => {
    const before = await prints();
    const blocker = await database.connect();
    await blocker.query('BEGIN; LOCK TABLE internal.review_score IN SHARE MODE');
    const zombie = store.commit(batch());
    await until('the commit to wait', waiting, (rows) => rows.length === 1);
    const next = await store.acquireLease(lease, 'next');
    assert.deepEqual([next.epoch, next.nextOffset], [2n, 0n]);
    assert.equal((await zombie).kind, 'retry');
    await blocker.query('ROLLBACK');
    assert.equal(await prints(), before);
    assert.deepEqual(await store.commit(batch()), { kind: 'fenced' });
  });

  it('does not deadlock when partitions commit the same entities in opposite order', async () => {
    const other = await store.acquireLease({ topic: 'reviews.v1', partition: partition++ }, 'test');
    const names = Array.from({ length: 40 }, (_, i) => `deadlock${i}`);
    const states = (order: readonly string[]) => order.map((entity) => ({ state: sampleState(entity, 1n), expectedVersion: 0n }));
    const outcomes = await Promise.all([store.commit(sampleBatch(lease, 1n, { states: states(names) })), store.commit(sampleBatch(other, 1n, { states: states(names.toReversed()) }))]);
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['committed', 'conflict']);
  });

  it('says that a database which does not answer may be tried again', async () => {
    const nowhere = createPostgresStore({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none' });
    await assert.rejects(nowhere.acquireLease(lease, 'x'), { code: 'DATABASE_UNAVAILABLE', retryable: true });
    await assert.rejects(nowhere.load({ stream: 'reviews', entities: ['x'], reviews: [] }), { code: 'DATABASE_UNAVAILABLE' });
    assert.equal((await nowhere.commit(batch())).kind, 'retry');
    await nowhere.close();
  });
});
