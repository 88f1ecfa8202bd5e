/**
 * A file of reviews to messages in order of event time, as the feed would make them; lines that cannot be used apart, each with
 * its number and reason. A message's offset is its line.
 */
import type { StreamMessage } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import { type FileRow, openInputFile } from '#read-files';
import { checkColumns, type FieldMap, messageBytes } from './feed-mapping.js';

export interface RefusedLine {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
}

export interface ReadReviews {
  readonly messages: readonly StreamMessage[];
  readonly refused: readonly RefusedLine[];
  /** Lines that stood behind a later review. */
  readonly outOfOrder: number;
  /** Oldest and newest event time, epoch ms; Infinity and -Infinity without a review. */
  readonly from: number;
  readonly to: number;
}

export interface ReadOptions {
  readonly map: FieldMap;
  /** A review without stars is refused: they are the truth that was asked for. */
  readonly needStars: boolean;
  /** Stands for the time each message was sent: nothing may be dated more than a day after it. */
  readonly now: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number, lines: number) => void;
}

/** INPUT_FILE_INVALID when it is no file of rows, or a column is missing. */
export async function readReviews(path: string, { map, needStars, now, signal, onProgress }: ReadOptions): Promise<ReadReviews> {
  const refused: RefusedLine[] = [];
  const dated: { at: number; message: StreamMessage }[] = [];
  let outOfOrder = 0;
  let newest = -Infinity;
  const take = (rows: readonly FileRow[]) => {
    const messages = rows.map((row): StreamMessage => ({ topic: 'backtest', partition: 0, offset: BigInt(row.line), key: null, timestamp: now, value: messageBytes('reviews', row, map) }));
    decodeReviews(defaultDecodeSettings, messages).forEach((result, i) => {
      const { line, fault } = rows[i]!;
      if (fault !== null) refused.push({ line, code: 'unreadable_row', reason: fault });
      else if (!result.ok) refused.push({ line, code: result.rejection.code, reason: result.rejection.reason });
      else if (needStars && result.event.rating === null) refused.push({ line, code: 'missing_field', reason: 'Found no "rating"; expected 1 to 5 stars on every review, since --truth stars counts by them.' });
      else {
        const at = result.event.reviewedAt;
        if (at < newest) outOfOrder += 1;
        newest = Math.max(newest, at);
        dated.push({ at, message: messages[i]! });
      }
    });
  };
  const file = await openInputFile(path);
  try {
    if (file.columns !== null) checkColumns('reviews', path, file.columns, map);
    for await (const rows of file.batches()) {
      if (signal?.aborted === true) break;
      take(rows);
      onProgress?.(file.bytes === 0 ? 1 : file.bytesRead() / file.bytes, dated.length + refused.length);
    }
  } finally {
    await file.close();
  }
  return { messages: dated.sort((a, b) => a.at - b.at).map(({ message }) => message), refused, outOfOrder, from: dated[0]?.at ?? Infinity, to: dated.at(-1)?.at ?? -Infinity };
}
