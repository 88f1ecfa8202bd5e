/** `tidewatch score FILE...`: reviews in, probabilities out, without a broker and without a database. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { partitionOfKey } from '#consume-files';
import { loadSettings } from '#load-config';
import { openInputFile, openInputStream } from '#read-files';
import { openModel } from '../stream-worker/open-model.js';
import { parseMap } from './feed-mapping.js';
import { Progress, type Screen } from './feed-progress.js';
import { scoreFiles, type ScoreSummary } from './score-files.js';
import { historyScorer } from './score-history.js';
import { wholeNumber } from './until-stopped.js';

export interface ScoreDependencies {
  readonly input?: Readable;
  readonly output?: Writable;
  readonly screen?: Screen;
}

interface ScoreFlags {
  readonly out?: string;
  readonly history?: true;
  readonly partitions?: string;
  readonly model?: string;
  readonly map?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  $ npm run tidewatch -- score reviews.jsonl.gz --out scores.jsonl
  $ npm run tidewatch -- score export.csv --map productId=asin,text=reviewText --history --out scores.jsonl
  $ zcat reviews.jsonl.gz | npm run --silent tidewatch -- score - | head

Files are JSON lines or CSV with a header, plain or gzip; - or no file is stdin. Only a text is needed; reviewId is the
line's number where it is missing. With --history productId and reviewedAt are needed too, reviews of a product must
stand in the order they were written, and stars of earlier reviews are used where given: those of the product, and, in the
order of the input, those of all products of the same source. The service learns of a source within a partition: its numbers
come out for --partitions as its topic has, where that is keyed by product and filled in the order of the input. As in the service, a review
that comes again with the same content gives no second line, a higher revision is scored by its text alone, and other
repeats are refused. Memory: some kilobytes for each product and some 200 bytes for each review. A date more than a
day ahead of this machine's clock is refused (the service compares with the message's own timestamp).
One line a review comes out, in the order of the input: reviewId, productId, pNegative,
pNegativeText, knownWords, topWords (with offsets and weights), modelId. knownWords is the share of the review's
words that the model knows: below 0.8 it is often another language, and pNegative is right less often. Offsets of words count UTF-16 units in the text that was read: title, line break, text, where there is a title.
Without --history pNegative is the text's alone.
Exit code: 0; 1 when nothing could be scored or the files cannot be read; 130 after Ctrl-C (what was read is written).`;

export function registerScore(program: Command, dependencies: ScoreDependencies = {}): void {
  program.command('score')
    .description('score reviews in files: how probable it is that each is negative; no broker or database needed')
    .argument('[files...]', 'JSON lines or CSV; - for stdin', [])
    .option('--out <file>', 'write the scores there instead of to stdout')
    .option('--history', 'let earlier reviews of the same product, and of its source, count')
    .option('--partitions <n>', 'with --history: as a topic of so many partitions, each of which learns of a source by itself', '1')
    .option('--model <folder>', 'the model folder; REVIEW_MODEL otherwise')
    .option('--map <pairs>', 'fields to rename: target=source,...')
    .option('--json', 'print the summary, which goes to stderr, as JSON')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], flags: ScoreFlags) => runScore(files, flags, dependencies));
}

async function runScore(files: readonly string[], flags: ScoreFlags, { input = process.stdin, output = process.stdout, screen = process.stderr }: ScoreDependencies): Promise<void> {
  const map = flags.map === undefined ? new Map<string, string>() : parseMap(flags.map);
  const partitions = wholeNumber('--partitions', flags.partitions ?? '1', 1, 10_000);
  const settings = loadSettings(process.env);
  const model = await openModel(flags.model ?? settings.models.reviews, settings);
  const { encoder, manifest } = model;
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    if (encoder === null || manifest.stream !== 'reviews') throw new TidewatchError('MODEL_INVALID', `${manifest.modelId} is a model for ${manifest.stream}; scoring reviews needs one for reviews. Name its folder with --model.`);
    const target = flags.out === undefined ? output : await openTarget(flags.out);
    const temperature = manifest.temperature ?? 1;
    const summary = await scoreFiles({
      files: (files.length === 0 ? ['-'] : files).map((path) => ({ path: path === '-' ? 'stdin' : path, open: () => (path === '-' ? openInputStream('stdin', input) : openInputFile(path)) })),
      map, encoder, temperature, history: flags.history === true ? historyScorer(model, temperature, (productId) => partitionOfKey(productId, partitions)) : null,
      write: writerTo(target, stop), progress: new Progress(screen, Date.now, 'scored'), signal: stop.signal, now: Date.now,
    });
    if (flags.out !== undefined) await new Promise<void>((done, failed) => { target.end((error?: Error | null) => (error ? failed(unwritable(flags.out!, error)) : done())); });
    screen.write(flags.json === true ? `${JSON.stringify(summary)}\n` : describe(summary));
    if (summary.interrupted) process.exitCode = 130;
    else if (summary.scored === 0 && summary.refused > 0) process.exitCode = 1;
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    await model.close();
  }
}

async function openTarget(path: string): Promise<Writable> {
  const target = createWriteStream(path);
  await once(target, 'open').catch((error: unknown) => { throw unwritable(path, error as Error); });
  return target;
}

const unwritable = (path: string, error: Error) =>
  new TidewatchError('SETTING_INVALID', `--out ${path} cannot be written (${error.message}); expected a file in an existing folder with room on its disk.`, { cause: error });

/** Waits for a slow reader; one that has gone (`| head`) ends the work quietly. */
function writerTo(target: Writable, stop: AbortController): (text: string) => Promise<void> {
  let fault: Error | null = null;
  target.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stop.abort();
    else fault = error;
  });
  const check = () => {
    if (fault !== null) throw unwritable('the output', fault);
  };
  return async (text) => {
    check();
    if (text === '' || target.destroyed) return;
    if (target.write(text)) return;
    await new Promise<void>((resume) => {
      const settle = () => {
        for (const event of ['drain', 'error', 'close']) target.off(event, settle);
        resume();
      };
      for (const event of ['drain', 'error', 'close']) target.once(event, settle);
    });
    check();
  };
}

function describe({ model, rows, scored, refused, duplicates, refusedByCode, products, seconds, reviewsPerSecond, interrupted }: ScoreSummary): string {
  const figure = (value: number) => value.toLocaleString('en');
  const codes = Object.entries(refusedByCode).sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${figure(count)}`).join(', ');
  return `${interrupted ? 'Stopped. ' : ''}${figure(rows)} rows read, ${figure(scored)} scored by ${model}${products === null ? '' : ` with the history of ${figure(products)} products`}, ${figure(refused)} refused${codes === '' ? '' : ` (${codes})`}${duplicates === 0 ? '' : `, ${figure(duplicates)} duplicates`}, in ${seconds.toFixed(1)} s (${figure(reviewsPerSecond)}/s).\n`;
}
