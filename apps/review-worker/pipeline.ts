/**
 * The reviews flow, in order: decode, encode; load, admit, rounds, score with state, recalibrate, detect surges; what comes
 * out is one commit. Everything between load and commit is pure or an engine call whose result depends on its input alone.
 */
import { scoredText, type BatchCommit, type EncodedText, type Lease, type LoadRequest, type MessageBatch, type Rejection, type ReviewEvent, type StreamStore, type TextEncoder } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { admitReviews, contextOf, decodeReviews, type DecodeSettings } from '#decode-events';
import type { StreamFlow } from '#drive-stream';
import { placeOfSource, scoreRounds } from '#score-with-state';
import { untimed, type StageClock } from '../stream-worker/metrics/stage-clock.js';
import { loadStates, statesToCommit } from '../stream-worker/states.js';
import { rejectAt, splitDecoded } from '../stream-worker/split-decoded.js';
import { restoreSources, sourcesToCommit } from './review-sources.js';
import { correctReview, finishReviews, reviewStep, type ReviewScoring } from './review-step.js';
import type { ReviewTracker } from './review-tracker.js';

export interface ReviewParts {
  /** Only read from here; a backtest gives one that lives in memory. */
  readonly store: Pick<StreamStore, 'load'>;
  readonly decode: DecodeSettings;
  readonly encoder: TextEncoder;
  readonly scoring: ReviewScoring;
  /** Who is told how long a stage took; nobody when absent. */
  readonly stages?: StageClock;
}

/** Decoded and encoded: nothing here depends on position or state. */
export interface ReadReviews {
  readonly events: readonly ReviewEvent[];
  readonly undecodable: readonly Rejection[];
  readonly texts: ReadonlyMap<ReviewEvent, EncodedText>;
}

export function reviewPipeline({ store, decode, encoder, scoring, stages = untimed }: ReviewParts): StreamFlow<ReviewTracker, ReadReviews> {
  const prepare = async ({ messages }: MessageBatch): Promise<ReadReviews> => {
    const { events, rejections: undecodable } = await stages.time('decode', () => splitDecoded(decodeReviews(decode, messages)));
    const encoded = await stages.time('encode', () => encoder.encode(events.map(scoredText)));
    const unread = new Set(events.filter((_event, index) => !Number.isFinite(encoded[index]!.logit)));
    const context = contextOf(messages);
    const refused = [...unread].map(({ position }) => rejectAt(context(position), 'model_output_invalid', `Model ${encoder.modelId} gave log odds that are not finite for this text. Check the model with \`tidewatch doctor\`.`));
    return { events: events.filter((event) => !unread.has(event)), undecodable: [...undecodable, ...refused], texts: new Map(events.map((event, index) => [event, encoded[index]!])) };
  };
  const complete: StreamFlow<ReviewTracker, ReadReviews>['complete'] = async ({ events, undecodable, texts }, batch, lease, cache) => {
    const { states, known, sources } = await loadStates(store, cache, scoring, loadRequest(scoring, events, lease), events.map((event) => event.productId), lease);
    const context = contextOf(batch.messages);
    const admitted = admitReviews(events, known, context);
    const rounds = roundsByKey(admitted.fresh, (event) => event.productId);
    const [stepped, done] = await stages.stepping(scoring.stepper, 'detect', async (stepper) => {
      const scored = await scoreRounds(stepper, rounds, states, scoring.fresh, reviewStep(scoring, texts, context));
      return [scored.results, finishReviews(scoring, texts, admitted.fresh, scored.results, scored.states, restoreSources(scoring, sources))] as const;
    });
    const commit: BatchCommit = {
      stream: 'reviews',
      lease,
      nextOffset: batch.end,
      highWatermark: batch.highWatermark,
      watermark: newest(events),
      states: statesToCommit(done.states, states, scoring),
      sources: sourcesToCommit(scoring, done.sources),
      rejections: [...undecodable, ...admitted.rejections, ...stepped.flatMap((result) => (result.kind === 'rejected' ? [result.rejection] : []))],
      duplicates: admitted.duplicates,
      reviews: done.reviews,
      corrections: admitted.corrections.map((event) => correctReview(scoring, event, texts.get(event)!)),
      surges: done.surges,
      quotes: [],
      forecasts: [],
      settlements: [],
    };
    return { commit, states: done.states };
  };
  return { prepare, complete };
}

const loadRequest = ({ recalibrator }: ReviewScoring, events: readonly ReviewEvent[], { topic, partition }: Lease): Omit<LoadRequest, 'entities'> => ({
  stream: 'reviews',
  reviews: events.map(({ productId, reviewId }) => ({ productId, reviewId })),
  ...(recalibrator === null || recalibrator.freshSource === null ? {} : { sources: { topic, partition, places: [...new Set(events.map(({ source }) => placeOfSource(source)))] } }),
});

const newest = (events: readonly ReviewEvent[]) => (events.length === 0 ? null : events.reduce((latest, event) => Math.max(latest, event.reviewedAt), -Infinity));
