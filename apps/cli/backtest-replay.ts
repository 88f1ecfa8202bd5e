/**
 * The serving path over recorded reviews: apps/review-worker/pipeline.ts itself, with a store that lives in memory. What the
 * scheduler would do in the end (time goes on, quiet surges ease and close) is done up to the newest event of the file.
 */
import type { BatchCommit, EntityState, KnownReview, LoadRequest, Loaded, MessageBatch, Rejection, StoredSource, StreamMessage, TextEncoder } from '#contracts';
import { SurgeCollector } from '#backtest-surges';
import { defaultDecodeSettings } from '#decode-events';
import { elapseSurge } from '#detect-surge';
import { StateCache } from '#drive-stream';
import { reviewPipeline } from '../review-worker/pipeline.js';
import type { ReviewScoring } from '../review-worker/review-step.js';
import type { ReviewTracker } from '../review-worker/review-tracker.js';

/** As many as the worker commits at once. */
const BATCH = 4_096;
const LEASE = { epoch: 1n, nextOffset: 0n } as const;

export interface ReplayParts {
  readonly encoder: TextEncoder;
  readonly scoring: ReviewScoring;
  readonly signal?: AbortSignal;
  readonly onProgress?: (scored: number, surges: number) => void;
  readonly onCommit?: (commit: BatchCommit) => void;
}

export interface Replayed {
  readonly collected: SurgeCollector;
  /** Repeats, stale revisions and the like: found only against the other reviews. */
  readonly rejections: readonly Rejection[];
  readonly duplicates: number;
}

/** `messages` in the order in which a feed would have sent them. */
export async function replayReviews(messages: readonly StreamMessage[], { encoder, scoring, signal, onProgress, onCommit }: ReplayParts): Promise<Replayed> {
  const known = new Map<string, KnownReview>();
  const sources = new Map<number, StoredSource>();
  const flow = reviewPipeline({ store: { load: (request) => Promise.resolve({ ...loadKnown(known, request), sources: [...sources.values()] }) }, decode: defaultDecodeSettings, encoder, scoring });
  const cache = new StateCache<ReviewTracker>(Infinity);
  const states = new Map<string, EntityState<ReviewTracker>>();
  const collected = new SurgeCollector();
  const rejections: Rejection[] = [];
  let duplicates = 0;

  const batchAt = (at: number): MessageBatch => ({ topic: 'backtest', partition: 0, begin: BigInt(at), end: BigInt(Math.min(at + BATCH, messages.length)), messages: messages.slice(at, at + BATCH), highWatermark: BigInt(messages.length), lowWatermark: null });
  let ahead = messages.length === 0 ? null : flow.prepare(batchAt(0), { topic: 'backtest', partition: 0, ...LEASE });
  for (let at = 0; at < messages.length && signal?.aborted !== true; at += BATCH) {
    const prepared = await ahead!;
    ahead = at + BATCH < messages.length ? flow.prepare(batchAt(at + BATCH), { topic: 'backtest', partition: 0, ...LEASE }) : null;
    ahead?.catch(() => undefined); // met when it is awaited
    const batch = batchAt(at);
    const { commit, states: next } = await flow.complete(prepared, batch, { topic: batch.topic, partition: 0, ...LEASE }, cache);
    cache.put(next);
    for (const [entity, state] of next) states.set(entity, state);
    for (const { event: { productId, reviewId, revision, contentHash } } of [...commit.reviews, ...commit.corrections]) known.set(`${productId}\u0000${reviewId}`, { productId, reviewId, revision, contentHash });
    for (const source of commit.sources ?? []) sources.set(source.place, source);
    collected.take(commit.reviews, commit.surges);
    rejections.push(...commit.rejections);
    duplicates += commit.duplicates;
    onCommit?.(commit);
    onProgress?.(Math.min(messages.length, at + BATCH), collected.surges().length);
  }
  for (const { entity, tracker } of states.values()) collected.take([], elapseSurge(scoring.calendar().settingsOf(scoring.surge, entity), tracker.surge, entity, collected.to, scoring.stepper.modelId).records);
  return { collected, rejections, duplicates };
}

function loadKnown(known: ReadonlyMap<string, KnownReview>, { reviews }: LoadRequest): Loaded {
  const found = new Map<string, KnownReview>();
  for (const { productId, reviewId } of reviews) {
    const key = `${productId}\u0000${reviewId}`;
    const review = known.get(key);
    if (review !== undefined) found.set(key, review);
  }
  return { states: new Map(), known: found };
}
