/**
 * A file's rows to reviews, by the very decoder of the workers, so that what a worker refuses is refused here with the
 * same sentence. Without history only a text is needed: a row without an id is called by its line, and product and date
 * may be missing.
 */
import type { Decoded, ReviewEvent, StreamMessage } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import type { FileRow } from '#read-files';
import { mapFields, mayStandFor, messageBytes, type FieldMap } from './feed-mapping.js';

export interface Refusal {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
}

export interface ReadRows {
  /** position.offset is the row's line. */
  readonly events: readonly ReviewEvent[];
  /** What the events were decoded from. */
  readonly messages: readonly StreamMessage[];
  readonly refusals: readonly Refusal[];
}

/** What the decoder asks for and a text alone does not need. */
const FILLED = { productId: '-', reviewedAt: '1970-01-01T00:00:00Z' } as const;

/** `now` stands for the timestamp that a broker would give the message. */
export function readRows(rows: readonly FileRow[], map: FieldMap, history: boolean, now: number): ReadRows {
  const refusals: Refusal[] = [];
  const messages: StreamMessage[] = [];
  const events: ReviewEvent[] = [];
  const settings = { ...defaultDecodeSettings, hashContents: history };
  const messageOf = ({ line }: FileRow, value: Uint8Array): StreamMessage => ({ topic: 'reviews', partition: 0, offset: BigInt(line), key: null, timestamp: now, value });
  const decode = (message: StreamMessage): Decoded<ReviewEvent> => {
    messages.push(message);
    return decodeReviews(settings, [message])[0]!;
  };
  for (const row of rows) {
    if (row.fault !== null) {
      refusals.push({ line: row.line, code: 'unreadable_row', reason: row.fault });
      continue;
    }
    let result = row.raw !== null && map.size === 0 ? decode(messageOf(row, row.raw)) : null; // most rows need no renaming, and are parsed once
    if (result === null || !result.ok || mayStandFor('reviews', result.event.extra)) {
      if (result !== null) messages.pop();
      result = decode(messageOf(row, messageBytes('reviews', history ? row : filled(row, map), map)));
    }
    if (result.ok) events.push(result.event);
    else refusals.push({ line: row.line, code: result.rejection.code, reason: result.rejection.reason });
  }
  return { events, messages, refusals: refusals.sort((a, b) => a.line - b.line) };
}

/** The same row where nothing is missing. */
function filled(row: FileRow, map: FieldMap): FileRow {
  if (row.fields === null) return row;
  const known = mapFields('reviews', row.fields, map);
  const missing = Object.entries({ reviewId: String(row.line), ...FILLED }).filter(([name]) => known[name] === undefined || known[name] === null);
  if (missing.length === 0) return row;
  const fields = { ...row.fields, ...Object.fromEntries(missing) };
  return { ...row, fields, raw: row.raw === null ? null : Buffer.from(JSON.stringify(fields)) };
}

/** null where the row had no product and none was needed. */
export const productOf = ({ productId }: ReviewEvent, history: boolean): string | null => (!history && productId === FILLED.productId ? null : productId);
