/** One's own quotes as bars to train on: a file of rows, checked by the decoder that serves, in time order, each bar once. */
import { basename } from 'node:path';
import type { QuoteEvent, StreamMessage } from '#contracts';
import { decodeQuotes, defaultDecodeSettings } from '#decode-events';
import type { QuoteFile, QuoteRows } from '#train-models';
import { splitDecoded } from '../stream-worker/split-decoded.js';
import { checkColumns, type FieldMap, messageBytes } from './feed-mapping.js';
import { openHashedFile } from './hashed-input.js';

export interface OwnQuotesOptions {
  readonly map: FieldMap;
  /** Stands for the time each row was sent: nothing may be dated more than a day after it. */
  readonly now: number;
  readonly onRefused: (code: string) => void;
}

/** The files as the training counts them: all alike. */
export const ownQuoteFile = (path: string): QuoteFile => ({ name: basename(path).replace(/\.(csv|tsv|jsonl|json|gz)\b/g, ''), interval: null, licence: 'your own', repeats: 1, devWeight: 1 });

/**
 * Of bars of one symbol at one time the last is kept, as a correction of those before it.
 * @throws INPUT_FILE_INVALID where it is no file of rows, or lacks a column
 */
export async function readOwnQuotes(path: string, { map, now, onRefused }: OwnQuotesOptions): Promise<QuoteRows> {
  const bars = new Map<string, QuoteEvent>();
  const { file: input, sha256 } = await openHashedFile(path);
  try {
    if (input.columns !== null) checkColumns('quotes', path, input.columns, map);
    for await (const rows of input.batches()) {
      const readable = rows.filter(({ fault }) => fault === null || (onRefused('unreadable_row'), false));
      const messages = readable.map((row): StreamMessage => ({ topic: 'quotes', partition: 0, offset: BigInt(row.line), key: null, timestamp: now, value: messageBytes('quotes', row, map) }));
      const { events, rejections } = splitDecoded(decodeQuotes(defaultDecodeSettings, messages));
      rejections.forEach(({ code }) => onRefused(code));
      for (const event of events) {
        const key = `${event.symbol}\0${event.at}`;
        if (bars.has(key)) onRefused('repeated_bar');
        bars.set(key, event);
      }
    }
  } finally {
    await input.close();
  }
  const quotes = [...bars.values()].sort((a, b) => a.at - b.at || (a.symbol < b.symbol ? -1 : 1));
  return { file: ownQuoteFile(path), path: basename(path), sha256: await sha256(), quotes };
}
