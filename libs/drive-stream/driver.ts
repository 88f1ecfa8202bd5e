/**
 * Drives one stream's partitions through the commit promise (design section 5; ARCHITECTURE.md has the failure table):
 * lease, position check, process on copies, one transaction, and only then cache and position move. Knows no technology:
 * the store, the clock and the wait are given. One batch at a time per partition, partitions side by side.
 */
import { TidewatchError, type BatchCommit, type BatchVerdict, type EntityState, type Lease, type MessageBatch, type StreamMessage, type StreamStore, type TopicPartition } from '#contracts';
import { placeBatch } from './position.js';
import { StateCache } from './state-cache.js';

/** What a worker makes of messages, in two halves. */
export interface StreamFlow<T, P> {
  /** Messages of one commit at most, where COMMIT_MESSAGES is not right. */
  readonly commitMessages?: number;
  /** What depends on the messages alone (decode, encode): it runs ahead, while the batch before is being committed. */
  prepare(batch: MessageBatch, lease: Lease): Promise<P>;
  /** How many of these messages may go into one commit, where something else than their number limits it; at least one. */
  within?(messages: readonly StreamMessage[], lease: Lease): Promise<number>;
  /** A commit of this flow's has gone through. */
  committed?(commit: BatchCommit): void;
  /** The commit to write and the states that it carries. Must not change cached states: after a conflict it is called again. */
  complete(prepared: P, batch: MessageBatch, lease: Lease, cache: StateCache<T>): Promise<{ readonly commit: BatchCommit; readonly states: ReadonlyMap<string, EntityState<T>> }>;
}

export type NoticeLevel = 'info' | 'warn' | 'error';
export type Notice = (level: NoticeLevel, message: string, detail: Readonly<Record<string, unknown>>) => void;

export interface DriverOptions {
  readonly owner: string;
  /** Entities kept in memory per partition. */
  readonly cacheLimit: number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly notice: Notice;
  /** Called after each commit, with the messages that it took: for metrics and the progress watch. */
  readonly committed: (commit: BatchCommit, taken: MessageBatch) => void;
  /** A fault that this worker cannot get over by itself: the app reports it and leaves. */
  readonly fatal: (error: TidewatchError) => void;
}

/** As much of the store as driving takes; the flow loads for itself. */
export type DriverStore = Pick<StreamStore, 'acquireLease' | 'commit' | 'skipGap'>;

interface Session<T> {
  readonly partition: TopicPartition;
  readonly cache: StateCache<T>;
  readonly ended: AbortController;
  lease: Promise<Lease>;
  sought: bigint | null;
}

const MAX_CONFLICTS = 50;
/**
 * Messages of one commit at most. A larger fetch is cut up, so that the engine works on the next part while the database
 * takes this one. Smaller parts lost: with 512 a commit's fixed cost and the smaller rounds took a fifth of the speed on two cores.
 */
const COMMIT_MESSAGES = 4_096;
const MAX_WAIT_MS = 5_000;

const keyOf = (partition: TopicPartition) => `${partition.topic}/${partition.partition}`;

export class PartitionDriver<T, P> {
  private readonly sessions = new Map<string, Session<T>>();
  /** The last taking of each partition's lease, over or not. */
  private readonly taking = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: DriverStore,
    private readonly flow: StreamFlow<T, P>,
    private readonly options: DriverOptions,
  ) {}

  /** Takes the lease of every partition anew, also of those already held: another member may have had them meanwhile. */
  assigned(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.end(partition);
      const ended = new AbortController();
      const session: Session<T> = { partition, cache: new StateCache(this.options.cacheLimit), ended, lease: this.acquireInTurn(partition, ended.signal), sought: null };
      this.sessions.set(keyOf(partition), session);
    }
  }

  revoked(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.end(partition);
  }

  async batch(batch: MessageBatch, signal: AbortSignal): Promise<BatchVerdict> {
    const session = this.sessions.get(keyOf(batch));
    if (session === undefined) return { kind: 'leave' };
    const either = AbortSignal.any([signal, session.ended.signal]);
    try {
      const lease = await session.lease;
      if (either.aborted) return { kind: 'leave' };
      return await this.place(session, lease, batch, either);
    } catch (error) {
      if (either.aborted) return { kind: 'leave' };
      const fault = error instanceof TidewatchError ? error
        : new TidewatchError('DATABASE_REFUSED', `Unexpected fault in ${keyOf(batch)} at offset ${batch.begin}: ${String(error)}. The batch was not committed.`, { cause: error, place: { topic: batch.topic, partition: batch.partition, offset: batch.begin } });
      this.endSession(session);
      this.options.fatal(fault);
      return { kind: 'leave' };
    }
  }

  private end(partition: TopicPartition): void {
    this.sessions.get(keyOf(partition))?.ended.abort();
    this.sessions.delete(keyOf(partition));
  }

  /** Ends this session, not one that followed it while its last batch was still on its way. */
  private endSession(session: Session<T>): void {
    session.ended.abort();
    if (this.sessions.get(keyOf(session.partition)) === session) this.sessions.delete(keyOf(session.partition));
  }

  /** One taking after the other: an earlier one that the database answers late would fence the newer. */
  private acquireInTurn(partition: TopicPartition, signal: AbortSignal): Promise<Lease> {
    const before = this.taking.get(keyOf(partition)) ?? Promise.resolve();
    const lease = before.then(() => this.acquire(partition, signal));
    this.taking.set(keyOf(partition), lease.catch(() => undefined));
    return lease;
  }

  private async acquire(partition: TopicPartition, signal: AbortSignal): Promise<Lease> {
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        const lease = await this.store.acquireLease(partition, this.options.owner);
        this.options.notice('info', 'partition taken', { ...partition, epoch: lease.epoch, nextOffset: lease.nextOffset });
        return lease;
      } catch (error) {
        if (signal.aborted || !(error instanceof TidewatchError) || !error.retryable) throw error;
        if (attempt === 0) this.options.notice('warn', `the lease of ${keyOf(partition)} cannot be taken yet: ${error.message}`, { ...partition });
        await this.options.wait(backoff(attempt), signal);
      }
    }
  }

  private async place(session: Session<T>, lease: Lease, batch: MessageBatch, signal: AbortSignal): Promise<BatchVerdict> {
    const placed = placeBatch(batch, lease.nextOffset, session.sought === lease.nextOffset);
    session.sought = null;
    switch (placed.kind) {
      case 'take':
        return this.run(session, lease, batch, placed.messages, signal);
      case 'seek':
        session.sought = placed.to;
        this.options.notice('info', 'fetched elsewhere than the position in the database; seeking', { ...session.partition, fetched: batch.begin, expected: placed.to });
        return { kind: 'seek', to: placed.to };
      case 'gap': {
        this.options.notice('error', `offsets ${placed.from} to ${placed.to - 1n} of ${keyOf(batch)} are gone: the broker's retention removed them before they were read. Recorded in tidewatch.stream_gaps; lengthen retention.ms or add workers`, { ...session.partition });
        const outcome = await this.store.skipGap(lease, { topic: batch.topic, partition: batch.partition, from: placed.from, to: placed.to, reason: 'retention' });
        if (outcome.kind === 'fenced') return this.fenced(session, lease);
        if (outcome.kind !== 'committed') return this.retake(session);
        session.lease = Promise.resolve({ ...lease, nextOffset: placed.to });
        session.sought = placed.to;
        return { kind: 'seek', to: placed.to };
      }
      case 'recreated':
        throw new TidewatchError('TOPIC_RECREATED', `The position of ${keyOf(batch)} is ${lease.nextOffset}, but the partition ends at ${placed.end}: the topic was deleted and made again. Nothing was read. If that is meant, run "tidewatch positions reset ${batch.topic} --partition ${batch.partition}" and start the worker again.`, { place: { topic: batch.topic, partition: batch.partition, offset: lease.nextOffset } });
    }
  }

  private async run(session: Session<T>, from: Lease, batch: MessageBatch, messages: readonly StreamMessage[], signal: AbortSignal): Promise<BatchVerdict> {
    let lease = from;
    let ahead: Promise<P> | null = null;
    const most = this.flow.commitMessages ?? COMMIT_MESSAGES;
    const partFrom = async (at: number): Promise<readonly StreamMessage[]> => {
      const some = messages.slice(at, at + most);
      return some.length === 0 || this.flow.within === undefined ? some : some.slice(0, await this.flow.within(some, from));
    };
    let following = await partFrom(0);
    let at = 0;
    // A batch without a message moves the position all the same: else the markers behind the newest message would wait for ever.
    do {
      const some = following;
      at += some.length;
      following = await partFrom(at);
      const part = { ...batch, begin: some[0]?.offset ?? lease.nextOffset, end: following[0]?.offset ?? batch.end, messages: some };
      const prepared = await (ahead ?? this.flow.prepare(part, from));
      if (following.length > 0) {
        ahead = this.flow.prepare({ ...batch, begin: following[0]!.offset, messages: following }, from);
        ahead.catch(() => undefined); // met when it is awaited
      }
      const outcome = await this.commit(session, lease, part, prepared, signal);
      if (outcome.kind !== 'advance') return outcome;
      lease = { ...lease, nextOffset: outcome.next };
    } while (following.length > 0);
    return { kind: 'advance', next: lease.nextOffset };
  }

  private async commit(session: Session<T>, lease: Lease, part: MessageBatch, prepared: P, signal: AbortSignal): Promise<BatchVerdict> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { commit, states } = await this.completeUntilItLoads(session, lease, part, prepared, signal);
      for (let attempt = 0; ; attempt += 1) {
        if (signal.aborted) return { kind: 'leave' };
        const outcome = await this.store.commit(commit);
        if (outcome.kind === 'committed') {
          session.cache.put(states);
          this.flow.committed?.(commit);
          session.lease = Promise.resolve({ ...lease, nextOffset: commit.nextOffset });
          this.options.committed(commit, part);
          return { kind: 'advance', next: commit.nextOffset };
        }
        if (outcome.kind === 'fenced') return this.fenced(session, lease);
        if (outcome.kind === 'conflict') {
          session.cache.drop(outcome.entities);
          this.options.notice('info', 'states were advanced elsewhere; reloading them', { ...session.partition, entities: outcome.entities.slice(0, 5) });
          break;
        }
        if (attempt === 0) this.options.notice('warn', `the database cannot take the batch now, trying again: ${String(outcome.cause)}`, { ...session.partition });
        await this.options.wait(Math.max(outcome.afterMs, backoff(attempt)), signal);
      }
    }
    throw new TidewatchError('DATABASE_REFUSED', `${keyOf(part)} met ${MAX_CONFLICTS} version conflicts in a row: another partition or process keeps writing the same entities. Key the topic by product or symbol.`, { place: { topic: part.topic, partition: part.partition } });
  }

  private async completeUntilItLoads(session: Session<T>, lease: Lease, part: MessageBatch, prepared: P, signal: AbortSignal): ReturnType<StreamFlow<T, P>['complete']> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.flow.complete(prepared, part, lease, session.cache);
      } catch (error) {
        if (signal.aborted || !(error instanceof TidewatchError) || !error.retryable) throw error;
        if (attempt === 0) this.options.notice('warn', `loading failed, trying again: ${error.message}`, { ...session.partition });
        await this.options.wait(backoff(attempt), signal);
      }
    }
  }

  private fenced(session: Session<T>, lease: Lease): BatchVerdict {
    this.options.notice('warn', 'fenced: another worker holds this partition now; nothing of this batch was written', { ...session.partition, epoch: lease.epoch });
    this.endSession(session);
    return { kind: 'fenced' };
  }

  /** Takes the lease again and goes on from wherever it stands. */
  private async retake(session: Session<T>): Promise<BatchVerdict> {
    if (session.ended.signal.aborted) return { kind: 'leave' };
    this.assigned([session.partition]);
    const lease = await this.sessions.get(keyOf(session.partition))!.lease;
    return { kind: 'seek', to: lease.nextOffset };
  }
}

const backoff = (attempt: number) => Math.min(MAX_WAIT_MS, 100 * 2 ** Math.min(attempt, 10));
