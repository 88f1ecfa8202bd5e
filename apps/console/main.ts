/** The console's process: API, event stream, metrics and the page, on loopback unless told otherwise. */
import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { loadSettings, projectRoot } from '#load-config';
import { liveUnderSupervisor, tellParent } from '../stream-worker/child.js';
import { createLogger, NestLogger } from '../stream-worker/logger.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { ApiController } from './api.controller.js';
import { Live } from './live.js';
import { MetricsPage } from './metrics.js';
import { ProblemFilter } from './problem.filter.js';
import { Operator, Reader } from './reader.js';
import { ConsoleSettings } from './settings.js';
import { SurgeActionsController } from './surge-actions.controller.js';

const settings = loadSettings(process.env);
const logger = createLogger('console', settings.logLevel);
const databaseUrl = requireDatabase(settings);

@Module({
  controllers: [ApiController, SurgeActionsController],
  providers: [
    { provide: Reader, useFactory: () => new Reader(databaseUrl) },
    { provide: Operator, useFactory: () => new Operator(databaseUrl) },
    { provide: ConsoleSettings, useFactory: () => new ConsoleSettings(settings) },
    Live,
    MetricsPage,
  ],
})
class ConsoleModule {}

let app: NestExpressApplication | null = null;
liveUnderSupervisor(async (_deadline, why) => {
  logger.info({ why }, 'stopping');
  await app?.close();
});

app = await NestFactory.create<NestExpressApplication>(ConsoleModule, { logger: new NestLogger(logger), forceCloseConnections: true });
app.disable('x-powered-by');
app.use((_request: Request, response: Response, next: NextFunction) => {
  response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  next();
});
app.useGlobalFilters(new ProblemFilter(logger));
app.useStaticAssets(join(projectRoot(), 'apps/console/page'));
app.useStaticAssets(dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.esm.js')), { prefix: '/vendor/uplot/' });
const description = new DocumentBuilder().setTitle('Tidewatch').setDescription('Surges, products, forecasts and pipeline, read from the public views; what people do about surges, by the public functions.').setVersion('1').build();
SwaggerModule.setup('api/docs', app, SwaggerModule.createDocument(app, description), { jsonDocumentUrl: 'api/openapi.json', swaggerUiEnabled: false });
await app.listen(settings.page.port, settings.page.host);
const url = await app.getUrl();
logger.info({ url }, 'the page answers');
tellParent({ kind: 'ready', url: url.replace('[::1]', '127.0.0.1') });
