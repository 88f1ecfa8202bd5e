/** Starts one worker process: settings, Nest application context, life under the supervisor. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TidewatchError } from '#contracts';
import { loadSettings, type Settings } from '#load-config';
import { liveUnderSupervisor, tellParent } from './child.js';
import { createLogger, NestLogger, type Logger } from './logger.js';
import { StreamWorker, WORKER_PARTS, type WorkerParts } from './stream-worker.js';

export type OpenParts = (settings: Settings, logger: Logger) => Promise<Omit<WorkerParts, 'name' | 'settings' | 'logger' | 'giveUp'>>;

export async function runWorker(name: string, open: OpenParts): Promise<void> {
  const bootLogger = createLogger(name, 'info');
  try {
    const settings = loadSettings(process.env);
    const logger = createLogger(name, settings.logLevel);
    let worker: StreamWorker | null = null;
    const giveUp = liveUnderSupervisor(async (deadline, why) => {
      logger.info({ why }, 'stopping');
      await worker?.stop(deadline);
    });
    const opened = await open(settings, logger);
    const parts: WorkerParts = { ...opened, name, settings, logger, giveUp: (why) => giveUp(why, 1) };

    @Module({ providers: [{ provide: WORKER_PARTS, useValue: parts }, StreamWorker] })
    class WorkerModule {}

    const context = await NestFactory.createApplicationContext(WorkerModule, { logger: new NestLogger(logger), abortOnError: false });
    const running = context.get(StreamWorker);
    worker = running;
    logger.info({ topic: parts.topic }, 'consuming');
    tellParent({ kind: 'ready', metrics: running.metricsUrl });
  } catch (error) {
    const code = error instanceof TidewatchError ? error.code : 'UNKNOWN';
    bootLogger.error({ code, stack: error instanceof TidewatchError ? undefined : (error as Error).stack }, (error as Error).message);
    process.exit(1);
  }
}
