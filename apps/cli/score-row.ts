/**
 * A file's rows to reviews, by the very decoder of the workers, so that what a worker refuses is refused here with the
 * same sentence. Without history only a text is needed: a row without an id is called by its line, and product and date
 * may be missing.
 */
import type { ReviewEvent, StreamMessage } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import type { FileRow } from '#read-files';
import { mapFields, messageBytes, type FieldMap } from './feed-mapping.js';

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
  const refusals: Refusal[] = rows.flatMap(({ line, fault }) => (fault === null ? [] : [{ line, code: 'unreadable_row', reason: fault }]));
  const messages = rows.filter(({ fault }) => fault === null).map((row): StreamMessage => (
    { topic: 'reviews', partition: 0, offset: BigInt(row.line), key: null, timestamp: now, value: messageBytes('reviews', history ? row : filled(row, map), map) }));
  const events: ReviewEvent[] = [];
  for (const result of decodeReviews(defaultDecodeSettings, messages)) {
    if (result.ok) events.push(result.event);
    else refusals.push({ line: Number(result.rejection.position.offset), code: result.rejection.code, reason: result.rejection.reason });
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
