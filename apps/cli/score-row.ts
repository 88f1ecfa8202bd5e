/**
 * A file's row to what scoring needs. Well-formed rows take a short path; any other is given to the decoder of the
 * workers, whose sentence then says what is wrong. Without history only a text is needed: a row without an id is called
 * by its line, and product and date may be missing.
 */
import type { StreamMessage } from '#contracts';
import { decodeReviews, defaultDecodeSettings, parseIsoTime } from '#decode-events';
import type { FileRow } from '#read-files';
import { mapFields, messageBytes, type FieldMap } from './feed-mapping.js';

export interface ScorableReview {
  readonly reviewId: string;
  readonly productId: string | null;
  readonly title: string | null;
  readonly text: string;
  readonly rating: number | null;
  /** Epoch ms; 0 where the row has none and none is needed. */
  readonly reviewedAt: number;
}
export type ReadRow = { readonly review: ScorableReview } | { readonly line: number; readonly code: string; readonly reason: string };

/** Far below the decoder's limit in bytes, whatever the script. */
const SURELY_SHORT = 8_192;
const NEVER = '1970-01-01T00:00:00Z';

/** `now` is only for refusing dates in the far future, as the workers do. */
export function readRow(row: FileRow, map: FieldMap, history: boolean, now: number): ReadRow {
  if (row.fault !== null) return { line: row.line, code: 'unreadable_row', reason: row.fault };
  const fields = row.fields === null ? null : mapFields('reviews', row.fields, map);
  const plain = fields === null ? null : plainReview(fields, row, history, now);
  return plain === null ? decoded(row, fields, map, history, now) : { review: plain };
}

/** null for anything that is not plainly in order. */
function plainReview(fields: Readonly<Record<string, unknown>>, row: FileRow, history: boolean, now: number): ScorableReview | null {
  const { reviewId = String(row.line), productId: product = null, title = null, text, rating: stars = null, reviewedAt = null } = fields;
  const rating = row.raw === null && typeof stars === 'string' ? Number(stars) : stars; // cells of CSV are text
  if (typeof text !== 'string' || text.length > SURELY_SHORT || text.trim() === '') return null;
  if (title !== null && (typeof title !== 'string' || title.length > SURELY_SHORT || title.trim() === '')) return null;
  const productId = product === null || isId(product) ? product : undefined;
  if (!isId(reviewId) || productId === undefined || (history && productId === null)) return null;
  if (rating !== null && !(typeof rating === 'number' && rating >= 1 && rating <= 5)) return null;
  if (reviewedAt === null && !history) return { reviewId, productId, title, text, rating, reviewedAt: 0 };
  const at = typeof reviewedAt === 'string' ? parseIsoTime(reviewedAt) : null;
  return at === null || at > now ? null : { reviewId, productId, title, text, rating, reviewedAt: at };
}

const isId = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 64 && value.trim() === value;

function decoded(row: FileRow, fields: Readonly<Record<string, unknown>> | null, map: FieldMap, history: boolean, now: number): ReadRow {
  const given = fields === null || history ? row.fields : { reviewId: String(row.line), productId: '-', reviewedAt: NEVER, ...fields };
  const filled = { ...row, fields: given, raw: row.raw === null || given === row.fields ? row.raw : Buffer.from(JSON.stringify(given)) };
  const message: StreamMessage = { topic: 'reviews', partition: 0, offset: BigInt(row.line), key: null, timestamp: now, value: messageBytes('reviews', filled, map) };
  const [result] = decodeReviews(defaultDecodeSettings, [message]);
  if (!result!.ok) return { line: row.line, code: result!.rejection.code, reason: result!.rejection.reason };
  const { reviewId, productId, title, text, rating, reviewedAt } = result!.event;
  return { review: { reviewId, productId: fields !== null && 'productId' in fields ? productId : null, title, text, rating, reviewedAt } };
}
