/** The scheduler's process. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { Pool } from 'pg';
import { createPostgresStore } from '#commit-postgres';
import { summarizeSurge } from '#detect-surge';
import { loadSettings } from '#load-config';
import { openChannels } from '#notify-http';
import { liveUnderSupervisor, tellParent } from '../stream-worker/child.js';
import { createLogger, NestLogger } from '../stream-worker/logger.js';
import { openProducer } from '../stream-worker/open-parts.js';
import { followCalendar } from '../stream-worker/follow-calendar.js';
import { readLexicon } from '../stream-worker/read-lexicon.js';
import { surgeSettingsOf } from '../stream-worker/surge-settings-of.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { openRegistry } from '../stream-worker/metrics/registry.js';
import { serveMetrics, type MetricsServer } from '../stream-worker/metrics/serve-metrics.js';
import { ChoreWatch } from './chore-watch.js';
import { CHORE_PARTS, EXPLAIN_PARTS, NOTIFY_PARTS, Scheduler, SCHEDULER_LOGGER } from './scheduler.js';
import { keepPartitions, type ChoreParts } from './chores.js';
import { recordChannels, type NotifyParts } from './notify.js';
import { recordPage } from './tables.js';

const settings = loadSettings(process.env);
const logger = createLogger('scheduler', settings.logLevel);
const databaseUrl = requireDatabase(settings);
const pool = new Pool({ connectionString: databaseUrl, max: 8, application_name: 'tidewatch scheduler' });
pool.on('error', (error) => logger.warn({ cause: error.message }, 'an idle database connection ended'));
const store = createPostgresStore({ databaseUrl, poolSize: 2, surgesTopic: settings.topics.surges });
const producer = openProducer(settings);
const channels = openChannels(settings.notify, settings.page.publicUrl);
let scheduler: Scheduler | null = null;
let server: MetricsServer | null = null;
let stopping = false;
liveUnderSupervisor(async (_deadline, why) => {
  logger.info({ why }, 'stopping');
  stopping = true;
  await scheduler?.stop();
  await server?.close();
  await Promise.allSettled([producer.stop(), pool.end(), store.close(), ...channels.map((channel) => channel.close())]);
});

const surge = surgeSettingsOf(settings, (await store.latestSnapshot('reviews')).body);
const calendar = await followCalendar(store, (message) => logger.warn(message));
const parts: ChoreParts = {
  pool, store, producer, settings, surge, calendar: calendar.current,
  summarize: (tracker, productId) => summarizeSurge(tracker, calendar.current().settingsOf(surge, productId)),
  say: (message, detail) => logger.info(detail, message),
};

const lexicon = readLexicon(settings.aspectsFile);
const registry = openRegistry();
const watch = new ChoreWatch(registry);
/** Explaining takes two seconds or so; what has waited this long leaves without, with evidence chosen in haste. */
const EXPLAIN_MS = 15_000;
const notifyParts: NotifyParts = { pool, channels, notify: settings.notify, explainMs: EXPLAIN_MS, lexicon, say: (message, detail) => logger.warn(detail, message), chance: Math.random };

@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [{ provide: CHORE_PARTS, useValue: parts }, { provide: NOTIFY_PARTS, useValue: notifyParts }, { provide: EXPLAIN_PARTS, useValue: { ...parts, lexicon } }, { provide: SCHEDULER_LOGGER, useValue: logger }, { provide: ChoreWatch, useValue: watch }, Scheduler],
})
class SchedulerModule {}

server = await serveMetrics('scheduler', settings.metrics, logger, {
  text: () => registry.metrics(),
  unready: () => (stopping ? 'stopping' : scheduler === null ? 'starting' : watch.unready(Date.now())),
});
await producer.start();
await keepPartitions(parts);
await recordChannels(notifyParts);
await recordPage(pool, settings.page.publicUrl);
const context = await NestFactory.createApplicationContext(SchedulerModule, { logger: new NestLogger(logger) });
scheduler = context.get(Scheduler);
tellParent({ kind: 'ready', metrics: server?.url });
