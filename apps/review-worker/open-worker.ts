/** Opens the review worker's parts: model, store and stream, handed to the flow in pipeline.ts. */
import { TidewatchError, type EntityState, type StreamStore } from '#contracts';
import type { Settings } from '#load-config';
import { freshSurgeTracker, summarizeSurge, surgePriorFrom } from '#detect-surge';
import { createPostgresStore } from '#commit-postgres';
import { defaultDecodeSettings } from '#decode-events';
import { PartitionDriver } from '#drive-stream';
import { openModel } from '#run-onnx';
import { freshState } from '#score-with-state';
import { followCalendar } from '../stream-worker/follow-calendar.js';
import { surgeSettingsOf } from '../stream-worker/surge-settings-of.js';
import { openConsumer } from '../stream-worker/open-parts.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { recordModel } from '../stream-worker/record-model.js';
import type { OpenParts } from '../stream-worker/run-worker.js';
import { reviewPipeline } from './pipeline.js';
import type { ReviewScoring } from './review-step.js';
import { reviewTrackerCodec, type ReviewTracker } from './review-tracker.js';

const openStore = (settings: Settings): StreamStore => createPostgresStore({ databaseUrl: requireDatabase(settings), surgesTopic: settings.topics.surges });

/** The crash test opens the same worker over a store that is broken on purpose. */
export const openReviewWorker = (storeOf: (settings: Settings) => StreamStore = openStore): OpenParts => async (settings, logger) => {
  const model = await openModel(settings.models.reviews, { encoderThreads: settings.encoderThreads });
  const { encoder, stepper, manifest } = model;
  if (encoder === null) throw new TidewatchError('MODEL_INVALID', `${settings.models.reviews} has no encoder: expected a review model with encoder.onnx. Name another folder with REVIEW_MODEL.`);
  const store = storeOf(settings);
  await recordModel(store, settings.models.reviews, manifest);
  const snapshot = await store.latestSnapshot('reviews');
  const prior = surgePriorFrom(snapshot.body);
  const surge = surgeSettingsOf(settings, snapshot.body);
  const calendar = await followCalendar(store, (message) => logger.warn(message));
  const scoring: ReviewScoring = {
    stepper,
    codec: reviewTrackerCodec,
    surge,
    calendar: calendar.current,
    temperature: manifest.temperature ?? 1,
    fresh: (productId): EntityState<ReviewTracker> => freshState(productId, stepper, snapshot.snapshotId, { expected: null, surge: freshSurgeTracker(prior) }),
    summarize: (tracker, productId) => summarizeSurge(tracker.surge, calendar.current().settingsOf(surge, productId)),
  };
  return {
    topic: settings.topics.reviews,
    consumer: openConsumer(settings, settings.topics.reviews, 'reviews', logger),
    store,
    stages: ['decode', 'encode', 'state', 'detect', 'commit'],
    drive: (options, metrics) => new PartitionDriver(metrics.watched(store), reviewPipeline({ store, decode: defaultDecodeSettings, encoder, scoring, stages: metrics.stages }), options),
    close: () => {
      calendar.stop();
      return model.close();
    },
  };
};
