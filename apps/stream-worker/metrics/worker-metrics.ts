/**
 * What a worker tells Prometheus of itself. Told per batch and commit, never per message. Labels are bounded: stage, topic,
 * partition, outcome, code. The console's /metrics counts what is in the database; these are of this process since its start.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BatchCommit, CommitOutcome, MessageBatch } from '#contracts';
import type { DriverStore } from '#drive-stream';
import type { ProgressWatch } from '../progress-watch.js';
import { stageClock, type Stage, type StageClock } from './stage-clock.js';

const STAGE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LATENCY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];
const OUTCOMES: readonly CommitOutcome['kind'][] = ['committed', 'fenced', 'conflict', 'retry'];

export class WorkerMetrics {
  readonly stages: StageClock;
  private readonly latency: Histogram<'topic'>;
  private readonly messages: Counter<'topic'>;
  private readonly commits: Counter<'topic' | 'outcome'>;
  private readonly letters: Counter<'topic' | 'code'>;

  /** @param now milliseconds of a clock that never goes back */
  constructor(registry: Registry, private readonly topic: string, watch: ProgressWatch, own: readonly Stage[], now: () => number) {
    const registers = [registry];
    const seconds = new Histogram({ name: 'tidewatch_worker_stage_seconds', help: 'Time that one batch spent in a stage of the flow.', labelNames: ['stage'], buckets: STAGE_SECONDS, registers });
    for (const stage of own) seconds.zero({ stage });
    this.stages = stageClock((stage, took) => seconds.observe({ stage }, took), now);
    this.latency = new Histogram({ name: 'tidewatch_worker_produce_to_commit_seconds', help: 'From the timestamp of a message to the commit of its result, for the oldest message of each commit.', labelNames: ['topic'], buckets: LATENCY_SECONDS, registers });
    this.messages = new Counter({ name: 'tidewatch_worker_messages_total', help: 'Messages committed by this process, whatever became of them.', labelNames: ['topic'], registers });
    this.commits = new Counter({ name: 'tidewatch_worker_commits_total', help: 'Commits tried, by outcome: committed, fenced (another worker holds the partition), conflict (a state was advanced elsewhere), retry (the database could not take it).', labelNames: ['topic', 'outcome'], registers });
    this.letters = new Counter({ name: 'tidewatch_worker_dead_letters_total', help: 'Messages that became dead letters, by reason code.', labelNames: ['topic', 'code'], registers });
    this.latency.zero({ topic });
    this.messages.inc({ topic }, 0);
    for (const outcome of OUTCOMES) this.commits.inc({ topic, outcome }, 0);
    progressGauges(registry, topic, watch);
  }

  /** The same store, whose commits are timed and counted. */
  watched(store: DriverStore): DriverStore {
    return {
      acquireLease: (partition, owner) => store.acquireLease(partition, owner),
      skipGap: (lease, gap) => store.skipGap(lease, gap),
      commit: async (batch) => {
        const outcome = await this.stages.time('commit', () => store.commit(batch));
        this.commits.inc({ topic: this.topic, outcome: outcome.kind });
        return outcome;
      },
    };
  }

  /** @param at epoch ms, now */
  committed({ rejections }: Pick<BatchCommit, 'rejections'>, { messages }: MessageBatch, at: number): void {
    const { topic } = this;
    this.messages.inc({ topic }, messages.length);
    if (messages[0] !== undefined) this.latency.observe({ topic }, Math.max(0, at - messages[0].timestamp) / 1000);
    for (const { code } of rejections) this.letters.inc({ topic, code });
  }
}

/** Worked out when they are asked for. */
function progressGauges(registry: Registry, topic: string, watch: ProgressWatch): void {
  const registers = [registry];
  const lag: Gauge<'topic' | 'partition'> = new Gauge({
    name: 'tidewatch_worker_lag_messages', help: 'Messages of a partition of this worker that were not committed, as of its newest commit.', labelNames: ['topic', 'partition'], registers,
    collect: () => {
      lag.reset();
      for (const [partition, messages] of watch.lags()) lag.set({ topic, partition: String(partition) }, Number(messages));
    },
  });
  const still: Gauge<'topic'> = new Gauge({
    name: 'tidewatch_worker_last_commit_timestamp_seconds', help: 'Clock time of the newest commit of this process, or of its start; seconds since 1970.', labelNames: ['topic'], registers,
    collect: () => still.set({ topic }, watch.movedAt / 1000),
  });
}
