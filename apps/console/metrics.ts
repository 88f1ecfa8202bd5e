/**
 * Prometheus metrics from the committed rows: what an operator alerts on (dashboards/prometheus). Labels are bounded: topics,
 * partitions, codes, streams, channels. Counters are counted in the database, so they survive a restart of this process.
 */
import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { openRegistry } from '../stream-worker/metrics/registry.js';
import { Reader } from './reader.js';

const STREAMS = ['reviews', 'quotes'];

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: string;
  readonly lag: string;
  readonly committed_at: Date | null;
}

@Injectable()
export class MetricsPage {
  private readonly registry = openRegistry();
  private readonly up = this.gauge('tidewatch_database_up', 'Whether the database answered this scrape: 1 or 0.', []);
  private readonly page = this.gauge('tidewatch_page_info', 'Always 1; the label says under which address people reach the page and the runbooks (PUBLIC_URL).', ['url']);
  private readonly next = this.gauge('tidewatch_position_offset', 'Offset of the next message to be taken.', ['topic', 'partition']);
  private readonly lag = this.gauge('tidewatch_lag_messages', 'Messages not yet committed, as of the newest commit.', ['topic', 'partition']);
  private readonly commitAt = this.gauge('tidewatch_last_commit_timestamp_seconds', 'Clock time of the newest commit, seconds since 1970.', ['topic', 'partition']);
  private readonly taken = this.counter('tidewatch_taken_messages_total', 'Messages read, whatever became of them.', ['topic']);
  private readonly repeated = this.counter('tidewatch_repeated_messages_total', 'Of them, those that repeated a known one.', ['topic']);
  private readonly rejected = this.counter('tidewatch_rejected_messages_total', 'Of them, those that became dead letters.', ['topic']);
  private readonly lost = this.counter('tidewatch_lost_offsets_total', 'Offsets that the broker no longer held when they were due.', ['topic']);
  private readonly letters = this.gauge('tidewatch_dead_letters', 'Dead letters stored and not tried again, by code.', ['topic', 'code']);
  private readonly open = this.gauge('tidewatch_open_surges', 'Surges that are open now.', []);
  private readonly silent = this.gauge('tidewatch_feed_silent', 'Whether the feed of a stream is dead: 1 or 0.', ['stream']);
  private readonly stale = this.gauge('tidewatch_stale_symbols', 'Symbols that are silent while their session is usually open.', []);
  private readonly silentProducts = this.gauge('tidewatch_silent_products', 'Products that are silent for longer than their own gaps explain.', []);
  private readonly failing = this.gauge('tidewatch_notification_channel_failing', 'Whether a configured channel reaches nobody: 1 or 0.', ['channel']);

  constructor(private readonly reader: Reader) {}

  async render(): Promise<string> {
    try {
      await this.read();
      this.up.set(1);
    } catch {
      // what was read before is stale now: better nothing than that
      for (const metric of [this.next, this.lag, this.commitAt, this.taken, this.repeated, this.rejected, this.lost, this.letters, this.silent, this.failing]) metric.reset();
      this.open.remove();
      this.stale.remove();
      this.silentProducts.remove();
      this.up.set(0);
    }
    return this.registry.metrics();
  }

  private async read(): Promise<void> {
    const [positions, totals, gaps, letters, [surges], silence, channels, [stale], [products], [page]] = await Promise.all([
      this.reader.rows<Position & Record<string, unknown>>('select topic, partition, next_offset, lag, committed_at from tidewatch.stream_positions'),
      this.reader.rows<{ topic: string; taken: string; repeated: string; rejected: string }>('select topic, sum(accepted + duplicates + rejected) as taken, sum(duplicates) as repeated, sum(rejected) as rejected from tidewatch.stream_positions group by topic'),
      this.reader.rows<{ topic: string; lost: string }>('select topic, sum(missing) as lost from tidewatch.stream_gaps group by topic'),
      this.reader.rows<{ topic: string; code: string; letters: string }>('select topic, code, count(*) as letters from tidewatch.dead_letters where replayed_at is null group by topic, code'),
      this.reader.rows<{ open: string }>('select count(*) as open from tidewatch.surges where closed_at is null'),
      this.reader.rows<{ stream: string }>('select stream from tidewatch.feed_silence'),
      this.reader.rows<{ channel: string; failing: boolean }>('select channel, failing from tidewatch.notification_channels'),
      this.reader.rows<{ stale: string }>('select count(*) as stale from tidewatch.stale_symbols'),
      this.reader.rows<{ silent: string }>('select count(*) as silent from tidewatch.product_silence'),
      this.reader.rows<{ url: string }>('select url from tidewatch.page_address'),
    ]);
    for (const metric of [this.page, this.next, this.lag, this.commitAt, this.taken, this.repeated, this.rejected, this.lost, this.letters, this.failing]) metric.reset();
    this.page.set({ url: page!.url }, 1);
    for (const { topic, partition, next_offset: next, lag, committed_at: committed } of positions) {
      const labels = { topic, partition: String(partition) };
      this.next.set(labels, Number(next));
      this.lag.set(labels, Number(lag));
      if (committed !== null) this.commitAt.set(labels, committed.getTime() / 1000);
    }
    for (const { topic, taken, repeated, rejected } of totals) {
      this.taken.inc({ topic }, Number(taken));
      this.repeated.inc({ topic }, Number(repeated));
      this.rejected.inc({ topic }, Number(rejected));
      this.lost.inc({ topic }, Number(gaps.find((gap) => gap.topic === topic)?.lost ?? 0));
    }
    for (const { topic, code, letters: count } of letters) this.letters.set({ topic, code }, Number(count));
    this.open.set(Number(surges!.open));
    this.stale.set(Number(stale!.stale));
    this.silentProducts.set(Number(products!.silent));
    for (const stream of STREAMS) this.silent.set({ stream }, silence.some((row) => row.stream === stream) ? 1 : 0);
    for (const { channel, failing } of channels) this.failing.set({ channel }, failing ? 1 : 0);
  }

  private gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
