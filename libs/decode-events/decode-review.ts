/**
 * A review message to a ReviewEvent (design section 4). A review whose text is blank but whose title has words is
 * taken with the title as its text, since a short review is often written into the title. Without a title, white space
 * alone is `empty_text`; invisible characters (app stores do pass on reviews of one zero-width space) are kept as they are.
 */
import { hash } from 'node:crypto';
import type { Decoded, ReviewEvent, StreamMessage } from '#contracts';
import { rejection } from './fault.js';
import { Fields, isBlank, isEmpty } from './fields.js';
import { parsePayload } from './parse-payload.js';
import type { DecodeSettings } from './settings.js';

const KNOWN = new Set(['reviewId', 'productId', 'productName', 'title', 'text', 'rating', 'reviewedAt', 'lang', 'source', 'region', 'appVersion', 'verified', 'revision']);
const MAX_REVISION = 2_147_483_647;

export function decodeReview(settings: DecodeSettings, message: StreamMessage): Decoded<ReviewEvent> {
  const parsed = parsePayload(settings, message.value);
  if (!parsed.ok) return { ok: false, rejection: rejection(message, parsed.fault) };
  const fields = new Fields(parsed.payload, settings);
  const reviewId = fields.id('reviewId');
  const productId = fields.id('productId');
  const { title, text } = words(fields);
  const rating = fields.number('rating', 1, 5);
  const reviewedAt = fields.time('reviewedAt', message.timestamp);
  const event: ReviewEvent = {
    kind: 'review',
    position: { topic: message.topic, partition: message.partition, offset: message.offset },
    reviewId, productId, title, text, rating, reviewedAt,
    productName: fields.label('productName'),
    lang: fields.label('lang'),
    source: fields.label('source'),
    region: fields.label('region'),
    appVersion: fields.label('appVersion'),
    verified: fields.flag('verified'),
    revision: fields.number('revision', 0, MAX_REVISION, true) ?? 0,
    contentHash: fields.fault === null && settings.hashContents !== false ? contentHash(title, text, rating, reviewedAt) : '',
    extra: fields.extra(KNOWN),
  };
  return fields.fault === null ? { ok: true, event } : { ok: false, rejection: rejection(message, fields.fault) };
}

function words(fields: Fields): { title: string | null; text: string } {
  const title = fields.prose('title');
  const text = fields.prose('text');
  const named = title === null || isBlank(title) ? null : title;
  if (text !== null && !isBlank(text)) return { title: named, text };
  if (named !== null && fields.fault === null) return { title: null, text: named };
  if (text !== null && !isEmpty(text)) return { title: null, text };
  if (text === null) fields.refuse('missing_field', 'Found no text and no title; expected a text.');
  else fields.refuse('empty_text', 'Found a text without anything to read, and no title; expected words in one of them.');
  return { title: named, text: '' };
}

/** 128 bits of SHA-256 as 32 hex digits. Lengths come first, so that no two contents spell the same input. */
export function contentHash(title: string | null, text: string, rating: number | null, reviewedAt: number): string {
  const input = `${title === null ? '-' : title.length}|${text.length}|${rating ?? '-'}|${reviewedAt}|${title ?? ''}${text}`;
  return hash('sha256', input, 'hex').slice(0, 32);
}
