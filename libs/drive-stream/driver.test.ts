import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TidewatchError} from '#contracts';
import { type BatchCommit, type CommitOutcome, type EntityState, type Lease, type MessageBatch, type OffsetGap, type StreamStore } from '#contracts';
import { PartitionDriver, placeBatch, type StateCache, type StreamFlow } from './index.js';

const TOPIC = 'reviews.v1';
const partition = { topic: TOPIC, partition: 0 };

function batchOf(first: bigint, last: bigint, marks: { high?: bigint; low?: bigint | null } = {}): MessageBatch {
  const messages = [];
  for (let offset = first; offset <= last; offset += 1n) messages.push({ ...partition, offset, key: null, value: null, timestamp: 0 });
  return { ...partition, begin: first, end: last + 1n, messages, highWatermark: marks.high ?? last + 1n, lowWatermark: marks.low ?? null };
}

/** The lease semantics of the store in memory; outcomes can be scripted in front. The real one runs in test/flow. */
class LeaseBook {
  epoch = 0n;
  next = 0n;
  readonly commits: BatchCommit[] = [];
  readonly gaps: OffsetGap[] = [];
  script: ((commit: BatchCommit) => CommitOutcome | null)[] = [];

  readonly store = {
    acquireLease: async (): Promise<Lease> => {
      this.epoch += 1n;
      return { ...partition, epoch: this.epoch, nextOffset: this.next };
    },
    commit: async (commit: BatchCommit): Promise<CommitOutcome> => {
      const scripted = this.script.shift()?.(commit);
      if (scripted) return scripted;
      return this.apply(commit);
    },
    skipGap: async (lease: Lease, gap: OffsetGap): Promise<CommitOutcome> => {
      if (lease.epoch !== this.epoch) return { kind: 'fenced' };
      this.gaps.push(gap);
      this.next = gap.to;
      return { kind: 'committed' };
    },
  } as unknown as StreamStore;

  apply(commit: BatchCommit): CommitOutcome {
    if (commit.lease.epoch !== this.epoch || commit.lease.nextOffset !== this.next) return { kind: 'fenced' };
    this.next = commit.nextOffset;
    this.commits.push(commit);
    return { kind: 'committed' };
  }
}

type Complete = (batch: MessageBatch, lease: Lease, cache: StateCache<number>) => ReturnType<StreamFlow<number, null>['complete']>;

function driverOver(book: LeaseBook, process?: Complete) {
  const faults: TidewatchError[] = [];
  const seenCaches: (number | undefined)[] = [];
  const prepared: number[] = [];
  const counting: Complete = async (batch, lease, cache) => {
    const before = cache.get('p')?.tracker;
    seenCaches.push(before);
    const state = { entity: 'p', version: 0n, modelId: 'm', snapshotId: 0n, label: null, lastEventAt: null, hidden: {}, tracker: (before ?? 0) + batch.messages.length } satisfies EntityState<number>;
    const nextOffset = batch.end;
    return { commit: { lease, nextOffset } as BatchCommit, states: new Map([['p', state]]) };
  };
  const driver = new PartitionDriver<number, null>(book.store, {
    prepare: async (batch) => { prepared.push(batch.messages.length); return null; },
    complete: (_prepared, batch, lease, cache) => (process ?? counting)(batch, lease, cache),
  }, {
    owner: 'test', cacheLimit: 10, wait: async () => undefined, notice: () => undefined, committed: () => undefined, fatal: (fault) => faults.push(fault),
  });
  driver.assigned([partition]);
  return { driver, faults, seenCaches, prepared, signal: new AbortController().signal };
}

describe('placeBatch', () => {
  it('cuts off what was committed already', () => {
    const placed = placeBatch(batchOf(3n, 9n), 5n, false);
    assert.equal(placed.kind, 'take');
    assert.deepEqual(placed.kind === 'take' && placed.messages.map((m) => m.offset), [5n, 6n, 7n, 8n, 9n]);
  });

  it('seeks when the batch lies ahead, and takes it as a hole once the broker answers the same again', () => {
    assert.deepEqual(placeBatch(batchOf(8n, 9n), 5n, false), { kind: 'seek', to: 5n });
    assert.equal(placeBatch(batchOf(8n, 9n), 5n, true).kind, 'take');
  });

  it('goes over records that are no messages only where nothing lies between', () => {
    const markers = (begin: bigint, end: bigint): MessageBatch => ({ ...partition, begin, end, messages: [], highWatermark: end, lowWatermark: null });
    assert.deepEqual(placeBatch(markers(5n, 6n), 5n, false), { kind: 'take', messages: [] });
    assert.deepEqual(placeBatch(markers(8n, 9n), 5n, true), { kind: 'seek', to: 5n });
    assert.deepEqual(placeBatch(markers(3n, 5n), 5n, false), { kind: 'seek', to: 5n });
  });

  it('knows retention from a hole by the low watermark', () => {
    assert.deepEqual(placeBatch(batchOf(8n, 9n, { low: 7n }), 5n, true), { kind: 'gap', from: 5n, to: 7n });
  });

  it('knows a topic that was made again by its end', () => {
    assert.deepEqual(placeBatch(batchOf(0n, 2n), 50n, false), { kind: 'recreated', end: 3n });
  });
});

describe('PartitionDriver', () => {
  it('advances only behind a commit and hands the cache on', async () => {
    const book = new LeaseBook();
    const { driver, signal, seenCaches } = driverOver(book);
    assert.deepEqual(await driver.batch(batchOf(0n, 2n), signal), { kind: 'advance', next: 3n });
    assert.deepEqual(await driver.batch(batchOf(3n, 3n), signal), { kind: 'advance', next: 4n });
    assert.deepEqual(seenCaches, [undefined, 3]);
  });

  it('cuts a large fetch into commits and prepares the next part while one is being committed', async () => {
    const book = new LeaseBook();
    const { driver, signal, prepared } = driverOver(book);
    const preparedAtCommit: number[] = [];
    book.script = [() => { preparedAtCommit.push(prepared.length); return null; }, () => { preparedAtCommit.push(prepared.length); return null; }, () => { preparedAtCommit.push(prepared.length); return null; }] as never;
    assert.deepEqual(await driver.batch(batchOf(0n, 9_999n), signal), { kind: 'advance', next: 10_000n });
    assert.deepEqual(book.commits.map(({ nextOffset }) => nextOffset), [4_096n, 8_192n, 10_000n]);
    assert.deepEqual(preparedAtCommit, [2, 3, 3]);
  });

  it('moves the position over transaction markers: those behind the last message, and those alone', async () => {
    const book = new LeaseBook();
    const { driver, signal } = driverOver(book);
    assert.deepEqual(await driver.batch({ ...batchOf(0n, 4_999n), end: 5_001n, highWatermark: 5_001n }, signal), { kind: 'advance', next: 5_001n });
    assert.deepEqual(await driver.batch({ ...partition, begin: 5_001n, end: 5_003n, messages: [], highWatermark: 5_003n, lowWatermark: null }, signal), { kind: 'advance', next: 5_003n });
    assert.deepEqual(book.commits.map(({ lease, nextOffset }) => [lease.nextOffset, nextOffset]), [[0n, 4_096n], [4_096n, 5_001n], [5_001n, 5_003n]]);
  });

  it('keeps what was committed of a fetch when it is fenced in the middle', async () => {
    const book = new LeaseBook();
    const { driver, signal } = driverOver(book);
    book.script = [() => null, () => ({ kind: 'fenced' })] as never;
    assert.deepEqual(await driver.batch(batchOf(0n, 9_999n), signal), { kind: 'fenced' });
    assert.equal(book.next, 4_096n);
  });

  it('leaves when fenced, without taking the states', async () => {
    const book = new LeaseBook();
    const { driver, signal } = driverOver(book);
    await driver.batch(batchOf(0n, 0n), signal);
    book.epoch += 1n;
    assert.deepEqual(await driver.batch(batchOf(1n, 1n), signal), { kind: 'fenced' });
    assert.deepEqual(await driver.batch(batchOf(1n, 1n), signal), { kind: 'leave' });
    assert.equal(book.next, 1n);
  });

  it('goes on from the lease taken anew when the partition is assigned again after a fence', async () => {
    const book = new LeaseBook();
    const { driver, signal } = driverOver(book);
    await new Promise(setImmediate);
    book.epoch += 1n;
    assert.deepEqual(await driver.batch(batchOf(0n, 1n), signal), { kind: 'fenced' });
    driver.assigned([partition]);
    assert.deepEqual(await driver.batch(batchOf(0n, 1n), signal), { kind: 'advance', next: 2n });
  });

  it('keeps the session that followed when a batch of the one before is fenced only now', async () => {
    const book = new LeaseBook();
    let release = (): void => undefined;
    const { driver, signal } = driverOver(book);
    const commit = book.store.commit.bind(book.store);
    book.store.commit = async (batch) => {
      if (batch.lease.epoch === 1n) await new Promise<void>((done) => { release = done; });
      return commit(batch);
    };
    const old = driver.batch(batchOf(0n, 1n), signal);
    await new Promise(setImmediate);
    driver.assigned([partition]);
    await new Promise(setImmediate);
    release();
    assert.deepEqual(await old, { kind: 'fenced' });
    assert.deepEqual(await driver.batch(batchOf(0n, 1n), signal), { kind: 'advance', next: 2n });
  });

  it('takes the lease of a partition one after the other, so that an early answer that comes late does not fence a newer one', async () => {
    const book = new LeaseBook();
    const release: (() => void)[] = [];
    const take = book.store.acquireLease.bind(book.store);
    let asked = 0;
    book.store.acquireLease = async (...of) => {
      asked += 1;
      if (asked === 1) await new Promise<void>((done) => { release.push(done); });
      return take(...of);
    };
    const { driver, signal } = driverOver(book);
    await new Promise(setImmediate);
    driver.assigned([partition]);
    driver.assigned([partition]);
    const verdict = driver.batch(batchOf(0n, 1n), signal);
    await new Promise(setImmediate);
    release[0]!();
    assert.deepEqual(await verdict, { kind: 'advance', next: 2n });
    assert.deepEqual([book.epoch, asked], [2n, 2], 'the middle one was given up before it asked');
  });

  it('goes on behind a commit in doubt that the store, asked again, knows to have gone through', async () => {
    const book = new LeaseBook();
    const { driver, signal, seenCaches } = driverOver(book);
    book.script = [(commit) => { book.apply(commit); return { kind: 'retry', afterMs: 1, cause: 'connection lost after COMMIT was sent' }; }, () => ({ kind: 'committed' })];
    assert.deepEqual(await driver.batch(batchOf(0n, 4n), signal), { kind: 'advance', next: 5n });
    assert.equal(book.commits.length, 1);
    assert.deepEqual(await driver.batch(batchOf(5n, 5n), signal), { kind: 'advance', next: 6n });
    assert.deepEqual(seenCaches, [undefined, 5]);
  });

  it('repeats the very same commit while the database cannot take it', async () => {
    const book = new LeaseBook();
    const { driver, signal } = driverOver(book);
    const tried: BatchCommit[] = [];
    const refuse = (commit: BatchCommit): CommitOutcome => { tried.push(commit); return { kind: 'retry', afterMs: 1, cause: 'disk full' }; };
    book.script = [refuse, refuse, refuse];
    assert.deepEqual(await driver.batch(batchOf(0n, 1n), signal), { kind: 'advance', next: 2n });
    assert.equal(new Set([...tried, book.commits[0]]).size, 1);
  });

  it('processes again from reloaded states after a version conflict', async () => {
    const book = new LeaseBook();
    const { driver, signal, seenCaches } = driverOver(book);
    await driver.batch(batchOf(0n, 0n), signal);
    book.script = [() => ({ kind: 'conflict', entities: ['p'] })];
    assert.deepEqual(await driver.batch(batchOf(1n, 1n), signal), { kind: 'advance', next: 2n });
    assert.deepEqual(seenCaches, [undefined, 1, undefined]);
  });

  it('records what retention ate before it goes on', async () => {
    const book = new LeaseBook();
    const { driver, signal } = driverOver(book);
    assert.deepEqual(await driver.batch(batchOf(7n, 8n, { low: 7n }), signal), { kind: 'seek', to: 7n });
    assert.deepEqual(book.gaps, [{ ...partition, from: 0n, to: 7n, reason: 'retention' }]);
    assert.deepEqual(await driver.batch(batchOf(7n, 8n, { low: 7n }), signal), { kind: 'advance', next: 9n });
  });

  it('stops at a topic that was made again and says what to do', async () => {
    const book = new LeaseBook();
    book.next = 100n;
    const { driver, faults, signal } = driverOver(book);
    assert.deepEqual(await driver.batch(batchOf(0n, 2n), signal), { kind: 'leave' });
    assert.equal(faults[0]?.code, 'TOPIC_RECREATED');
    assert.match(faults[0]?.message ?? '', /ends at 3.*positions reset/);
    assert.equal(book.next, 100n);
  });

  it('commits nothing once the partition is revoked, however late the work ends', async () => {
    const book = new LeaseBook();
    let release = () => undefined as void;
    const held = new Promise<void>((done) => { release = done; });
    const { driver, signal } = driverOver(book, async (batch, lease) => { await held; return { commit: { lease, nextOffset: batch.messages.at(-1)!.offset + 1n } as BatchCommit, states: new Map() }; });
    const verdict = driver.batch(batchOf(0n, 0n), signal);
    driver.revoked([partition]);
    release();
    assert.deepEqual(await verdict, { kind: 'leave' });
    assert.equal(book.commits.length, 0);
  });
});
