/**
 * The Nest part of a worker: wires consumer, driver and store together, watches progress, and shuts down in order under
 * one deadline. The flow itself is in each worker's pipeline.ts and knows nothing of this.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { TidewatchError, type StreamConsumer, type StreamStore } from '#contracts';
import type { DriverOptions, PartitionDriver } from '#drive-stream';
import type { Settings } from '#load-config';
import type { Logger } from './logger.js';
import { openRegistry } from './metrics/registry.js';
import { serveMetrics, type MetricsServer } from './metrics/serve-metrics.js';
import type { Stage } from './metrics/stage-clock.js';
import { WorkerMetrics } from './metrics/worker-metrics.js';
import { ProgressWatch } from './progress-watch.js';
import { requirePartitions } from './require-partitions.js';

type Driver = Pick<PartitionDriver<unknown, unknown>, 'assigned' | 'revoked' | 'batch'>;

/** All that distinguishes one worker from another. */
export interface WorkerParts {
  readonly name: string;
  readonly topic: string;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly consumer: StreamConsumer;
  readonly store: StreamStore;
  /** The stages that its flow has, for metrics. */
  readonly stages: readonly Stage[];
  /** The worker's flow under the partition driver, whose stages and commits the metrics follow. */
  readonly drive: (options: DriverOptions, metrics: WorkerMetrics) => Driver;
  /** Closes models and whatever else the worker opened. */
  readonly close: () => Promise<void>;
  /** Ends the process: the worker cannot go on by itself. */
  readonly giveUp: (why: string) => void;
}

export const WORKER_PARTS = Symbol('worker parts');
const WATCH_EVERY_MS = 2_000;
const ASK_AGAIN_MS = 1_000;

@Injectable()
export class StreamWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly watch: ProgressWatch;
  private readonly driver: Driver;
  private readonly registry = openRegistry();
  private server: MetricsServer | null = null;
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | null = null;
  private watching: Promise<void> = Promise.resolve();
  /** Whether the topic still has all partitions; asked at every join, awaited by every batch. */
  private whole: Promise<boolean> = Promise.resolve(false);

  constructor(@Inject(WORKER_PARTS) private readonly parts: WorkerParts) {
    this.watch = new ProgressWatch(parts.settings.stallSeconds * 1000, Date.now());
    const metrics = new WorkerMetrics(this.registry, parts.topic, this.watch, parts.stages, () => performance.now());
    this.driver = parts.drive({
      owner: `${parts.name}:${process.pid}`,
      cacheLimit: parts.settings.cacheEntities,
      wait: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
      notice: (level, message, detail) => parts.logger[level](detail, message),
      committed: (commit, taken) => {
        this.watch.committed(commit, Date.now());
        metrics.committed(commit, taken, Date.now());
      },
      fatal: (error) => this.fatal(error),
    }, metrics);
  }

  /** Where metrics and probes are; undefined where they are off. */
  get metricsUrl(): string | undefined {
    return this.server?.url;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { name, settings: { metrics }, logger } = this.parts;
    this.server = await serveMetrics(name, metrics, logger, { text: () => this.registry.metrics(), unready: () => (this.stopping.signal.aborted ? 'stopping' : this.watch.unready(Date.now())) });
    await this.parts.consumer.start({
      assigned: (partitions) => {
        this.whole = this.topicIsWhole();
        this.watch.assigned();
        this.driver.assigned(partitions);
      },
      revoked: (partitions) => {
        this.watch.revoked(partitions);
        this.driver.revoked(partitions);
      },
      batch: (batch, signal) => this.watch.handing(batch, async () => ((await this.whole) ? this.driver.batch(batch, signal) : { kind: 'leave' })),
    });
    this.watching = this.watchProgress();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop(Date.now() + 5_000);
  }

  /** Batches in flight may commit until the deadline; then everything is closed. Idempotent. */
  stop(deadline: number): Promise<void> {
    this.stopped ??= this.shutDown(deadline);
    return this.stopped;
  }

  private async shutDown(deadline: number): Promise<void> {
    this.stopping.abort();
    await this.parts.consumer.stop(deadline - 500);
    await this.watching;
    await this.parts.close();
    await this.parts.store.close();
    await this.server?.close();
    this.parts.logger.info({ committed: this.watch.committedEvents }, 'stopped');
  }

  private async topicIsWhole(): Promise<boolean> {
    const { consumer, store, topic } = this.parts;
    const { signal } = this.stopping;
    for (; !signal.aborted; await sleep(ASK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined)) {
      try {
        await requirePartitions(consumer, store, topic);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        if (!(error instanceof TidewatchError)) throw error;
        if (error.retryable) continue;
        this.fatal(error);
        return false;
      }
    }
    return false;
  }

  private fatal(error: TidewatchError): void {
    this.parts.logger.error({ code: error.code, ...error.place, cause: error.cause instanceof Error ? error.cause.stack : undefined }, error.message);
    this.parts.giveUp(error.message);
  }

  private async watchProgress(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(WATCH_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const stalled = this.watch.verdict(Date.now());
      if (stalled !== null) {
        this.parts.logger.error({ topic: this.parts.topic }, `stalled: ${stalled}. Leaving, so that a supervisor starts me again`);
        this.parts.giveUp(stalled);
        return;
      }
    }
  }
}
