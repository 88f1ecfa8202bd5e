/**
 * Typed events and typed rejections: the only two things that decode-events makes of a message.
 * Times are epoch milliseconds (UTC). Absent optional fields are null.
 */
import type { StreamPosition } from './stream.js';

export interface ReviewEvent {
  readonly kind: 'review';
  readonly position: StreamPosition;
  readonly reviewId: string;
  readonly productId: string;
  readonly productName: string | null;
  readonly title: string | null;
  readonly text: string;
  /** 1 to 5, fractions allowed. */
  readonly rating: number | null;
  readonly reviewedAt: number;
  readonly lang: string | null;
  readonly source: string | null;
  readonly region: string | null;
  readonly appVersion: string | null;
  readonly verified: boolean | null;
  /** 0 when absent; a higher one corrects the stored score. */
  readonly revision: number;
  /** 32 hex digits over title, text, rating and reviewedAt: equal for a repeated delivery of the same content. Empty where the decoder was told not to make it. */
  readonly contentHash: string;
  /** Fields we do not know, kept as they came (JSON object text), null when none. */
  readonly extra: string | null;
}

/** What a reader sees of a review, and what the text model reads in training and in service: its title, where it has one, and its text. */
export const scoredText = ({ title, text }: { readonly title: string | null; readonly text: string }): string => (title === null ? text : `${title}\n${text}`);

export interface QuoteEvent {
  readonly kind: 'quote';
  readonly position: StreamPosition;
  readonly symbol: string;
  readonly at: number;
  /** Close of the bar, the traded price, or the mid of bid and ask. Positive and finite. */
  readonly close: number;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly volume: number | null;
  /** As the producer names it: '1m', '5m', '1d'. */
  readonly interval: string | null;
  readonly extra: string | null;
}

export type StreamEvent = ReviewEvent | QuoteEvent;

/** Why a message was not taken. The list is closed; ARCHITECTURE.md has the sentence for each. */
export const REJECTION_CODES = [
  'tombstone',
  'too_large',
  'invalid_utf8',
  'invalid_json',
  'too_deep',
  'not_an_object',
  'missing_field',
  'wrong_type',
  'out_of_range',
  'empty_text',
  'text_too_long',
  'invalid_date',
  'far_future',
  'price_not_positive',
  'price_not_finite',
  'forbidden_key',
  'stale_revision',
  'conflicting_revision',
  'late_quote',
  'mixed_interval',
  'model_output_invalid',
  'state_not_finite',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];

export interface Rejection {
  readonly position: StreamPosition;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly payload: Uint8Array | null;
  readonly code: RejectionCode;
  /** One sentence: what was found, what was expected. Never longer than 500 characters. */
  readonly reason: string;
}

export type Decoded<E> =
  | { readonly ok: true; readonly event: E }
  | { readonly ok: false; readonly rejection: Rejection };
