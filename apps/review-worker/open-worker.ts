/** Opens the review worker's parts: model, store and stream, handed to the flow in pipeline.ts. */
import { resolve } from 'node:path';
import { TidewatchError, type EntityState, type StreamStore, type TextEncoder } from '#contracts';
import { projectRoot, type Settings } from '#load-config';
import { freshSurgeTracker, summarizeSurge, surgePriorFrom } from '#detect-surge';
import { createPostgresModelBook, createPostgresStore } from '#commit-postgres';
import { defaultDecodeSettings } from '#decode-events';
import { PartitionDriver } from '#drive-stream';
import type { OpenModel } from '#serve-models';
import { freshState } from '#score-with-state';
import { followCalendar } from '../stream-worker/follow-calendar.js';
import { surgeSettingsOf } from '../stream-worker/surge-settings-of.js';
import { openConsumer } from '../stream-worker/open-parts.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { flowOfHouse, ModelHouse, type ServedModel } from '../stream-worker/model-house.js';
import type { StageClock } from '../stream-worker/metrics/stage-clock.js';
import { recordModel } from '../stream-worker/record-model.js';
import type { OpenParts } from '../stream-worker/run-worker.js';
import { openModel } from '../stream-worker/open-model.js';
import { reviewPipeline, type ReadReviews } from './pipeline.js';
import type { ReviewScoring } from './review-step.js';
import { rewarmStates } from './rewarm.js';
import { reviewTrackerCodec, type ReviewTracker } from './review-tracker.js';

const openStore = (settings: Settings): StreamStore => createPostgresStore({ databaseUrl: requireDatabase(settings), surgesTopic: settings.topics.surges });

type OpenReviewModel = OpenModel & { readonly encoder: TextEncoder };

/** The crash test opens the same worker over a store that is broken on purpose. */
export const openReviewWorker = (storeOf: (settings: Settings) => StreamStore = openStore): OpenParts => async (settings, logger) => {
  const store = storeOf(settings);
  const book = createPostgresModelBook({ databaseUrl: requireDatabase(settings) });
  const openReviewModel = async (folder: string): Promise<OpenReviewModel> => {
    const model = await openModel(resolve(projectRoot(), folder), settings);
    const { encoder, manifest } = model;
    if (encoder === null) throw new TidewatchError('MODEL_INVALID', `${folder} has no encoder: expected a review model with encoder.onnx. Name another folder with REVIEW_MODEL.`);
    await recordModel(store, resolve(projectRoot(), folder), manifest);
    return { ...model, encoder };
  };
  const base = await openReviewModel(settings.models.reviews);
  const snapshot = await store.latestSnapshot('reviews');
  const prior = surgePriorFrom(snapshot.body);
  const surge = surgeSettingsOf(settings, snapshot.body);
  const calendar = await followCalendar(store, (message) => logger.warn(message));
  let house: ModelHouse<ReviewTracker, ReadReviews> | null = null;

  const serve = (model: OpenReviewModel, stages: StageClock): ServedModel<ReviewTracker, ReadReviews> => {
    const { encoder, stepper, recalibrator, manifest } = model;
    const temperature = manifest.temperature ?? 1;
    const scoring: ReviewScoring = {
      stepper,
      recalibrator,
      codec: reviewTrackerCodec,
      surge,
      calendar: calendar.current,
      temperature,
      fresh: (productId): EntityState<ReviewTracker> => freshState(productId, stepper, snapshot.snapshotId, { expected: null, surge: freshSurgeTracker(prior) }),
      summarize: (tracker, productId) => summarizeSurge(tracker.surge, calendar.current().settingsOf(surge, productId)),
      rewarm: async (products, lease) => {
        const change = (await house!.plan(lease)).switchTo(manifest.modelId);
        return change?.policy === 'rewarm' ? rewarmStates({ book, encoder, stepper, recalibrator, temperature }, change, products) : new Map();
      },
    };
    return { modelId: manifest.modelId, flow: reviewPipeline({ store, decode: defaultDecodeSettings, encoder, scoring, stages }), close: () => model.close() };
  };
  return {
    topic: settings.topics.reviews,
    consumer: openConsumer(settings, settings.topics.reviews, 'reviews', logger),
    store,
    stages: ['decode', 'encode', 'state', 'detect', 'commit'],
    drive: (options, metrics) => {
      const { stages } = metrics;
      house = new ModelHouse({ stream: 'reviews', book, base: serve(base, stages), baseFolder: settings.models.reviews, open: async (folder) => serve(await openReviewModel(folder), stages), notice: options.notice });
      return new PartitionDriver(metrics.watched(store), flowOfHouse(house), options);
    },
    close: async () => {
      calendar.stop();
      await (house ?? base).close();
      await book.close();
    },
  };
};
