/** `tidewatch feed reviews|quotes FILE...`: real data into the streams. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { TidewatchError, type StreamProducer } from '#contracts';
import { feedFiles, type FeedSummary, type RefusedRow } from './feed-files.js';
import { parseMap, type StreamKind } from './feed-mapping.js';
import { Progress, type Screen } from './feed-progress.js';
import { parseSpeed } from './feed-speed.js';

export interface FeedDependencies {
  /** A started producer; the feed stops it. */
  openProducer(): Promise<StreamProducer>;
  /** Where the streams live; asked once, when a feed begins. */
  streams(): { readonly topics: Readonly<Record<StreamKind, string>>; readonly partitions: number };
  readonly out?: Screen;
  readonly screen?: Screen;
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Stops the feed as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

interface FeedFlags {
  readonly map?: string;
  readonly speed: string;
  readonly limit?: string;
  readonly topic?: string;
  readonly refused?: string;
  readonly json?: boolean;
}

const EXAMPLES: Readonly<Record<StreamKind, string>> = {
  reviews: `
Examples:
  $ npm run tidewatch -- feed reviews reviews.jsonl.gz --speed max
  $ npm run tidewatch -- feed reviews export.csv --map productId=asin,text=reviewText --refused refused.jsonl

Fields: reviewId, productId, text, reviewedAt (ISO 8601); optional productName, title, rating (1 to 5), lang, source,
region, appVersion, verified, revision. Others are kept. review_id, product_id, asin, reviewText, stars, timestamp and
the like are known. Files are JSON lines or CSV with a header, plain or gzip, told apart by content.`,
  quotes: `
Examples:
  $ npm run tidewatch -- feed quotes bars.csv.gz --speed 60x
  $ npm run tidewatch -- feed quotes ticks.csv --map symbol=pair,at=time --limit 10000

Fields: symbol, at (ISO 8601; timestamp, date and time are known too), close or price, or bid and ask; optional open,
high, low, volume, interval. Others are kept. Files are JSON lines or CSV with a header, plain or gzip.`,
};

export function registerFeed(program: Command, dependencies: FeedDependencies): void {
  const feed = program.command('feed').description('send reviews or quotes from files into the streams');
  for (const kind of ['reviews', 'quotes'] as const) {
    feed.command(kind)
      .description(`send ${kind} from JSON lines or CSV files, keyed by ${kind === 'reviews' ? 'product' : 'symbol'}`)
      .argument('<files...>', 'files to send, one after the other')
      .option('--map <pairs>', 'fields to rename: target=source,...')
      .option('--speed <speed>', 'realtime, a factor such as 60x (by the event times of the file), or max', 'max')
      .option('--limit <rows>', 'send at most this many rows')
      .option('--topic <topic>', 'topic to send to, instead of the configured one')
      .option('--refused <file>', 'write every refused row there, with line number and reason, as JSON lines')
      .addOption(new Option('--json', 'print the summary as JSON'))
      .addHelpText('after', EXAMPLES[kind])
      .action((files: string[], flags: FeedFlags) => runFeed(kind, files, flags, dependencies));
  }
}

async function runFeed(kind: StreamKind, files: readonly string[], flags: FeedFlags, dependencies: FeedDependencies): Promise<void> {
  // What the flags say is settled before anything is opened.
  const map = mapOf(flags.map);
  const speed = parseSpeed(flags.speed);
  const limit = parseLimit(flags.limit);
  const { topics, partitions } = dependencies.streams();
  const topic = flags.topic ?? topics[kind];
  const now = dependencies.now ?? Date.now;
  const progress = new Progress(dependencies.screen ?? process.stderr, now);
  const stop = new AbortController();
  const interrupt = () => {
    progress.line('stopping; what is on its way is still acknowledged');
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const signal = dependencies.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, dependencies.signal]);
  const log = flags.refused === undefined ? null : createWriteStream(flags.refused);
  const opened = log === null ? null : once(log, 'open');
  let producer: StreamProducer | null = null;
  try {
    await opened?.catch((error: unknown) => { throw new TidewatchError('SETTING_INVALID', `--refused names a file that cannot be written (${(error as Error).message}): expected a path in an existing folder.`, { cause: error }); });
    producer = await dependencies.openProducer();
    await producer.ensureTopic(topic, partitions);
    const summary = await feedFiles({ kind, files, topic, map, speed, limit, producer, progress, signal, now, wait: dependencies.wait ?? ((ms, stopped) => sleep(ms, undefined, { signal: stopped })), refused: (row) => record(log, row) });
    (dependencies.out ?? process.stdout).write(flags.json === true ? `${JSON.stringify(summary)}\n` : describe(summary, flags.refused ?? null));
    if (summary.interrupted) process.exitCode = 130;
    else if (summary.sent === 0 && summary.refused > 0) process.exitCode = 1;
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    await producer?.stop();
    if (log !== null) await new Promise<void>((done) => { log.end(done); });
  }
}

const mapOf = (text: string | undefined) => (text === undefined ? new Map<string, string>() : parseMap(text));

function parseLimit(text: string | undefined): number {
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  const limit = Number(text);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TidewatchError('SETTING_INVALID', `--limit ${JSON.stringify(text.slice(0, 60))} cannot be used: expected a whole number above zero.`);
  return limit;
}

async function record(log: WriteStream | null, row: RefusedRow): Promise<void> {
  if (log !== null && !log.write(`${JSON.stringify(row)}\n`)) await once(log, 'drain');
}

function describe(summary: FeedSummary, refusedTo: string | null): string {
  const { stream, topic, rows, sent, refused, refusedByCode, seconds, rowsPerSecond, interrupted } = summary;
  const figure = (value: number) => value.toLocaleString('en');
  const lines = [`${interrupted ? 'Stopped. ' : ''}${figure(rows)} rows read, ${figure(sent)} ${stream} sent to ${topic}, ${figure(refused)} refused, in ${seconds.toFixed(1)} s (${figure(rowsPerSecond)}/s).`];
  if (refused > 0) lines.push(`Refused: ${Object.entries(refusedByCode).sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${figure(count)}`).join(', ')}${refusedTo === null ? '. Every one with its line: --refused FILE.' : `. Every one with its line is in ${refusedTo}.`}`);
  return `${lines.join('\n')}\n`;
}
