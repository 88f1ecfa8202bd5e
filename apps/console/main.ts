/** The console's process: API, event stream, metrics and the page, on loopback unless told otherwise. */
import 'reflect-metadata';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { addressOf, loadSettings, projectRoot } from '#load-config';
import { liveUnderSupervisor, tellParent } from '../stream-worker/child.js';
import { createLogger, NestLogger } from '../stream-worker/logger.js';
import { openProducer } from '../stream-worker/open-parts.js';
import { readLexicon } from '../stream-worker/read-lexicon.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { Access } from './access/access.guard.js';
import { isLoopbackHost } from './access/policy.js';
import { PageSession } from './access/page-session.js';
import { SessionController } from './access/session.controller.js';
import { Tokens } from './access/tokens.js';
import { serveDocument } from './answers/document.js';
import { ApiController } from './api.controller.js';
import { BudgetsController } from './budgets.controller.js';
import { CalendarController } from './calendar.controller.js';
import { protect } from './headers.js';
import { GroupsController } from './groups.controller.js';
import { HealthController } from './health.controller.js';
import { IngestController } from './ingest/ingest.controller.js';
import { StreamDoor } from './ingest/stream-door.js';
import { Live } from './live.js';
import { MetricsPage } from './metrics.js';
import { ProblemFilter } from './problem.filter.js';
import { Operator, Reader } from './reader.js';
import { ReplayController } from './replay.controller.js';
import { AspectLexicon, ReviewsController } from './reviews.controller.js';
import { ConsoleSettings } from './settings.js';
import { SurgeActionsController } from './surge-actions.controller.js';
import { Catalog } from './views/catalog.js';
import { Exporter, ViewsController } from './views/views.controller.js';

/** A body that takes longer to arrive is not waited for. Event streams are answers and last. */
const REQUEST_MS = 60_000;
/** More are closed at once; event streams have a limit of their own below it. */
const CONNECTIONS = 2_000;

const settings = loadSettings(process.env);
const logger = createLogger('console', settings.logLevel);
const databaseUrl = requireDatabase(settings);

@Module({
  controllers: [ApiController, BudgetsController, CalendarController, GroupsController, HealthController, IngestController, ReplayController, ReviewsController, SessionController, SurgeActionsController, ViewsController],
  providers: [
    { provide: Reader, useFactory: () => new Reader(databaseUrl) },
    { provide: Operator, useFactory: () => new Operator(databaseUrl) },
    { provide: ConsoleSettings, useFactory: () => new ConsoleSettings(settings) },
    { provide: StreamDoor, useFactory: () => new StreamDoor(() => openProducer(settings)) },
    { provide: AspectLexicon, useFactory: () => new AspectLexicon(readLexicon(settings.aspectsFile)) },
    { provide: Exporter, useFactory: () => new Exporter(databaseUrl) },
    Access,
    Catalog,
    { provide: APP_GUARD, useExisting: Access },
    Live,
    MetricsPage,
    PageSession,
    Tokens,
  ],
})
class ConsoleModule {}

let app: NestExpressApplication | null = null;
liveUnderSupervisor(async (_deadline, why) => {
  logger.info({ why }, 'stopping');
  await app?.close();
});

app = await NestFactory.create<NestExpressApplication>(ConsoleModule, { logger: new NestLogger(logger), forceCloseConnections: true, bodyParser: false });
app.disable('x-powered-by');
app.use(protect);
app.useGlobalFilters(new ProblemFilter(logger));
app.useStaticAssets(join(projectRoot(), 'apps/console/page'));
app.useStaticAssets(dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.esm.js')), { prefix: '/vendor/uplot/' });
app.useStaticAssets(join(projectRoot(), 'dashboards/runbooks'), { prefix: '/runbooks/', index: false, setHeaders: (response: Response) => void response.setHeader('content-type', 'text/plain; charset=utf-8') });
serveDocument(app);
const url = await listen(app, settings.page);
logger.info({ url, reads: isLoopbackHost(settings.page.host) ? 'open to this machine' : 'by token' }, 'the page answers');
tellParent({ kind: 'ready', url });

async function listen(server: NestExpressApplication, { host, port }: typeof settings.page): Promise<string> {
  try {
    await server.init();
    const http: Server = server.getHttpServer();
    http.requestTimeout = REQUEST_MS;
    http.maxConnections = CONNECTIONS;
    await once(http.listen(port, host), 'listening');
    return addressOf(host, (http.address() as AddressInfo).port);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    const found = { EADDRINUSE: 'is taken by another program', EACCES: 'may not be used by this user', EADDRNOTAVAIL: 'is at an address that this machine does not have' }[code];
    logger.error({ host, port }, `port ${port} of ${host} ${found}: expected a free one; set PAGE_PORT or PAGE_HOST, or stop what holds it`);
    process.exit(1);
  }
}
