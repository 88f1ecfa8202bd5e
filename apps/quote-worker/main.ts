/** The quote worker's process: opens the model, the store and the stream, and hands them to the flow in pipeline.ts. */
import { createPostgresStore } from '#commit-postgres';
import { defaultDecodeSettings } from '#decode-events';
import { forecastSettings, forecastTrackerCodec, freshForecastTracker, summarizeForecast } from '#forecast-prices';
import { PartitionDriver } from '#drive-stream';
import { freshState } from '#score-with-state';
import { openConsumer } from '../stream-worker/open-parts.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { recordModel } from '../stream-worker/record-model.js';
import { runWorker } from '../stream-worker/run-worker.js';
import { openModel } from '../stream-worker/open-model.js';
import { quotePipeline } from './pipeline.js';
import type { QuoteScoring } from './quote-step.js';

await runWorker('quote-worker', async (settings, logger) => {
  const model = await openModel(settings.models.quotes, settings);
  const { stepper, manifest } = model;
  const store = createPostgresStore({ databaseUrl: requireDatabase(settings), surgesTopic: settings.topics.surges });
  await recordModel(store, settings.models.quotes, manifest);
  const { snapshotId } = await store.latestSnapshot('quotes');
  const forecast = forecastSettings(manifest);
  const scoring: QuoteScoring = {
    stepper,
    codec: forecastTrackerCodec,
    forecast,
    fresh: (symbol) => freshState(symbol, stepper, snapshotId, freshForecastTracker(forecast)),
    summarize: summarizeForecast,
  };
  return {
    topic: settings.topics.quotes,
    consumer: openConsumer(settings, settings.topics.quotes, 'quotes', logger),
    store,
    stages: ['decode', 'state', 'forecast', 'commit'],
    drive: (options, metrics) => new PartitionDriver(metrics.watched(store), quotePipeline({ store, decode: defaultDecodeSettings, scoring, stages: metrics.stages }), options),
    close: () => model.close(),
  };
});
