/**
 * Reads the quote files of the data folder (CSV, gzip, header line, sorted by time) as the events that decode-events would make of them.
 * A missing file or a malformed row stops the training with its name and line.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type QuoteEvent, TidewatchError } from '#contracts';

export interface QuoteFile {
  readonly name: string;
  /** As quotes carry it: '1d', '5m', '1m'; null where they name none. */
  readonly interval: string | null;
  readonly licence: string;
  /** How often an epoch goes through it: small files count for more than their size. */
  readonly repeats: number;
  /** Weight of its dev part where the epoch is chosen. */
  readonly devWeight: number;
}

export const QUOTE_FILES: readonly QuoteFile[] = [
  { name: 'sp500_daily_2013_2018', interval: '1d', repeats: 1, devWeight: 1, licence: 'from a repository under MIT; terms of the data themselves not checked: not redistributed' },
  { name: 'nse_5min_2023_2024', interval: '5m', repeats: 1, devWeight: 1, licence: 'none stated, exchange data: internal use only, not redistributed' },
  { name: 'crypto_1min', interval: '1m', repeats: 3, devWeight: 0.25, licence: 'from a repository under Apache-2.0 that states no terms of the data: not redistributed' },
];

export interface QuoteRows {
  readonly file: QuoteFile;
  /** As the card names it. */
  readonly path: string;
  readonly sha256: string;
  readonly quotes: readonly QuoteEvent[];
}

export function readQuoteFile(dataFolder: string, file: QuoteFile): QuoteRows {
  const path = join(dataFolder, 'quotes', `${file.name}.csv.gz`);
  if (!existsSync(path)) {
    throw new TidewatchError('INPUT_FILE_INVALID', `quotes/${file.name}.csv.gz is not in the data folder; training needs ${QUOTE_FILES.map((f) => f.name).join(', ')} there. Pass the folder with --data.`);
  }
  const bytes = readFileSync(path);
  return { file, path: `quotes/${file.name}.csv.gz`, sha256: createHash('sha256').update(bytes).digest('hex'), quotes: parseQuotes(gunzipSync(bytes).toString('utf8'), file) };
}

const COLUMNS = 'symbol,timestamp,open,high,low,close,volume';

export function parseQuotes(text: string, file: Pick<QuoteFile, 'name' | 'interval'>): QuoteEvent[] {
  const lines = text.split('\n');
  if (lines[0]?.trim() !== COLUMNS) throw new TidewatchError('INPUT_FILE_INVALID', `${file.name} begins with "${lines[0]?.slice(0, 80) ?? ''}", expected the header ${COLUMNS}`);
  const quotes: QuoteEvent[] = [];
  for (let i = 1; i < lines.length; i += 1) {
    if (lines[i] === '') continue;
    const [symbol = '', time = '', ...cells] = lines[i]!.split(',');
    const [open, high, low, close, volume] = cells.map((cell): number | null => (cell.trim() === '' ? null : Number(cell)));
    const at = Date.parse(time);
    if (symbol === '' || Number.isNaN(at) || typeof close !== 'number' || !(close > 0) || cells.length !== 5) {
      throw new TidewatchError('INPUT_FILE_INVALID', `line ${i + 1} of ${file.name} cannot be read: "${lines[i]!.slice(0, 120)}"; expected ${COLUMNS} with a positive close`);
    }
    quotes.push({
      kind: 'quote', position: { topic: file.name, partition: 0, offset: BigInt(i - 1) }, symbol, at, close,
      open: open ?? null, high: high ?? null, low: low ?? null, volume: volume ?? null, bid: null, ask: null, interval: file.interval, extra: null,
    });
  }
  return quotes;
}
