/** Prometheus metrics from the committed rows: what an operator alerts on. Labels are bounded: topics, partitions, codes, streams. */
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { Reader } from './reader.js';

@Injectable()
export class MetricsPage {
  private readonly registry = new Registry();
  private readonly up = this.gauge('tidewatch_database_up', 'Whether the database answered this scrape: 1 or 0.', []);
  private readonly next = this.gauge('tidewatch_position_offset', 'Offset of the next message to be taken.', ['topic', 'partition']);
  private readonly lag = this.gauge('tidewatch_lag_messages', 'Messages not yet committed, as of the newest commit.', ['topic', 'partition']);
  private readonly commitAge = this.gauge('tidewatch_last_commit_timestamp_seconds', 'Clock time of the newest commit, seconds since 1970.', ['topic', 'partition']);
  private readonly rejected = this.gauge('tidewatch_dead_letters', 'Dead letters stored, by code.', ['topic', 'code']);
  private readonly open = this.gauge('tidewatch_open_surges', 'Surges that are open now.', []);
  private readonly silent = this.gauge('tidewatch_feed_silent', 'Whether the feed of a stream is dead: 1 or 0.', ['stream']);
  private readonly stale = this.gauge('tidewatch_stale_symbols', 'Symbols that are silent while their session is usually open.', []);

  constructor(private readonly reader: Reader) {
    collectDefaultMetrics({ register: this.registry });
  }

  async render(): Promise<string> {
    try {
      const [positions, letters, [surges], silence, [stale]] = await Promise.all([
        this.reader.rows<{ topic: string; partition: number; next_offset: string; lag: string; committed_at: Date | null }>('select topic, partition, next_offset, lag, committed_at from tidewatch.stream_positions'),
        this.reader.rows<{ topic: string; code: string; letters: string }>('select topic, code, count(*) as letters from tidewatch.dead_letters group by 1, 2'),
        this.reader.rows<{ open: string }>('select count(*) as open from tidewatch.surges where closed_at is null'),
        this.reader.rows<{ stream: string }>('select stream from tidewatch.feed_silence'),
        this.reader.rows<{ stale: string }>('select count(*) as stale from tidewatch.stale_symbols'),
      ]);
      this.up.set(1);
      for (const { topic, partition, next_offset, lag, committed_at } of positions) {
        const labels = { topic, partition: String(partition) };
        this.next.set(labels, Number(next_offset));
        this.lag.set(labels, Number(lag));
        if (committed_at !== null) this.commitAge.set(labels, committed_at.getTime() / 1000);
      }
      this.rejected.reset();
      for (const { topic, code, letters: count } of letters) this.rejected.set({ topic, code }, Number(count));
      this.open.set(Number(surges!.open));
      this.stale.set(Number(stale!.stale));
      for (const stream of ['reviews', 'quotes']) this.silent.set({ stream }, silence.some((row) => row.stream === stream) ? 1 : 0);
    } catch {
      this.up.set(0);
    }
    return this.registry.metrics();
  }

  private gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
