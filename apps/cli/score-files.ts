/**
 * The work of `tidewatch score`: rows read, checked, encoded and written in their order. A few batches are under way at
 * once, so that the encoder's threads never wait for reading or writing; memory holds those batches and nothing else
 * (with history, a state per product besides).
 */
import { scoredText, type EncodedText, type ReviewEvent, type TextEncoder } from '#contracts';
import type { FileRow, InputFile } from '#read-files';
import { checkColumns, mapFields, type FieldMap } from './feed-mapping.js';
import type { Progress } from './feed-progress.js';
import type { HistoryScorer } from './score-history.js';
import { type RefusedRow, RefusedRows } from './refused-rows.js';
import { productOf, readRows, type ReadRows, type Refusal } from './score-row.js';

export interface ScoreOptions {
  readonly files: readonly { readonly path: string; readonly open: () => Promise<InputFile> }[];
  readonly map: FieldMap;
  readonly encoder: TextEncoder;
  readonly temperature: number;
  /** null: each review's text alone. */
  readonly history: HistoryScorer | null;
  /** Takes whole lines; waits when its reader is slow. */
  readonly write: (text: string) => Promise<void>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export interface ScoreSummary {
  readonly model: string;
  readonly rows: number;
  readonly scored: number;
  readonly refused: number;
  /** Reviews that came again with the same content; only looked for with history. */
  readonly duplicates: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly refusals: readonly RefusedRow[];
  /** Products with a state; null without history. */
  readonly products: number | null;
  readonly seconds: number;
  readonly reviewsPerSecond: number;
  readonly interrupted: boolean;
}

const ROWS_PER_BATCH = 512;
/** One being written, two in the encoder's threads, one waiting there. */
const BATCHES_UNDER_WAY = 4;

export async function scoreFiles(options: ScoreOptions): Promise<ScoreSummary> {
  const { encoder, temperature, history, progress, now } = options;
  const begun = now();
  const counts = { rows: 0, scored: 0, duplicates: 0 };
  const refused = new RefusedRows((line) => { progress.line(line); });
  const refuse = (file: string, { line, code, reason }: Refusal) => { refused.add({ file, line, code, reason }); };
  const model = JSON.stringify(encoder.modelId);
  const finish = async ({ path, rows, encoding }: UnderWay) => {
    const vectors = await encoding;
    const encoded = new Map(rows.events.map((event, i) => [event, vectors[i]!]));
    const scores = history === null ? null : await history.score(rows, encoded);
    for (const refusal of scores?.refusals ?? []) refuse(path, refusal);
    counts.duplicates += scores?.duplicates ?? 0;
    let text = '';
    for (const [event, one] of encoded) {
      const logit = scores === null ? one.logit : scores.logits.get(event);
      if (logit === undefined && Number.isFinite(one.logit)) continue; // a duplicate, or refused above
      if (logit === undefined || !Number.isFinite(logit)) {
        refuse(path, { line: Number(event.position.offset), code: 'model_output_invalid', reason: 'The model gave a number that is not finite for this review.' });
        continue;
      }
      counts.scored += 1;
      text += lineOf(event, productOf(event, history !== null), one, logit, temperature, model);
    }
    await options.write(text);
  };

  const underWay: UnderWay[] = [];
  try {
    for (const [index, { path, open }] of options.files.entries()) {
      if (options.signal.aborted) break;
      const file = await open();
      try {
        if (file.columns !== null) requireColumns(path, file.columns, options.map, history !== null);
        for await (const rows of inPieces(file)) {
          counts.rows += rows.length;
          underWay.push(begin(path, rows, options, refuse));
          if (underWay.length >= BATCHES_UNDER_WAY) await finish(underWay.shift()!);
          progress.show('score', file.bytes === 0 ? NaN : (index + file.bytesRead() / file.bytes) / options.files.length, { sent: counts.scored, refused: refused.count });
          if (options.signal.aborted) break;
        }
      } finally {
        await file.close();
      }
    }
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) await finish(next);
  } finally {
    await Promise.allSettled(underWay.map(({ encoding }) => encoding)); // after a fault nobody else waits for these
  }
  refused.end();
  progress.end();
  const seconds = (now() - begun) / 1000;
  return {
    model: encoder.modelId, ...counts, refused: refused.count, refusedByCode: refused.byCode, refusals: refused.first, products: history?.states.size ?? null, seconds,
    reviewsPerSecond: Math.round(counts.scored / Math.max(seconds, 0.001)), interrupted: options.signal.aborted,
  };
}

interface UnderWay {
  readonly path: string;
  readonly rows: ReadRows;
  readonly encoding: Promise<readonly EncodedText[]>;
}

function begin(path: string, batch: readonly FileRow[], { map, history, encoder, now }: ScoreOptions, refuse: (file: string, refusal: Refusal) => void): UnderWay {
  const rows = readRows(batch, map, history !== null, now());
  for (const refusal of rows.refusals) refuse(path, refusal);
  return { path, rows, encoding: encoder.encode(rows.events.map(scoredText)) };
}

async function* inPieces(file: InputFile): AsyncGenerator<readonly FileRow[]> {
  for await (const rows of file.batches()) {
    for (let from = 0; from < rows.length; from += ROWS_PER_BATCH) yield rows.slice(from, from + ROWS_PER_BATCH);
  }
}

function requireColumns(path: string, columns: readonly string[], map: FieldMap, history: boolean): void {
  const mapped = mapFields('reviews', Object.fromEntries(columns.map((column) => [column, column])), map);
  const enough = { ...mapped, ...(history ? {} : { reviewId: '', productId: '', reviewedAt: '' }), ...('reviewId' in mapped ? {} : { reviewId: '' }) };
  checkColumns('reviews', path, Object.keys(enough), new Map());
}

const probability = (logit: number, temperature: number) => 1 / (1 + Math.exp(-logit / temperature));

/** As JSON.stringify would write it; by hand it takes a third of the time, which is the encoder's. */
function lineOf({ reviewId }: ReviewEvent, productId: string | null, { logit: ofText, knownWords, topWords }: EncodedText, logit: number, temperature: number, model: string): string {
  let words = '';
  for (const { word, start, end, weight } of topWords) words += `${words === '' ? '' : ','}{"word":${JSON.stringify(word)},"start":${start},"end":${end},"weight":${Math.round(weight * 1e4) / 1e4}}`;
  const text = probability(ofText, temperature);
  return `{"reviewId":${JSON.stringify(reviewId)},"productId":${JSON.stringify(productId)},"pNegative":${logit === ofText ? text : probability(logit, temperature)},"pNegativeText":${text},"knownWords":${knownWords === null ? 'null' : Math.round(knownWords * 1e4) / 1e4},"topWords":[${words}],"modelId":${model}}\n`;
}
