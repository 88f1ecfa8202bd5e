/**
 * Reads typed fields out of a parsed object and remembers the first fault, so that a decoder reads like the list of
 * its fields. After a fault the readers return harmless values; the caller looks at `fault` once, at the end.
 */
import type { RejectionCode } from '#contracts';
import { fault, show, type Fault } from './fault.js';
import { parseIsoTime } from './iso-time.js';
import type { Payload } from './parse-payload.js';
import type { DecodeSettings } from './settings.js';

/** Both ids are part of one database key, which Postgres limits to 2,704 bytes. */
const MAX_ID = 256;
const MAX_LABEL = 2_000;
const UNSTORABLE = /[\p{Cc}\ufffd]/u;
const EMPTY = /^[\s\p{Cc}\ufffd]*$/u;
const BLANK = /^[\s\p{Cc}\p{Cf}\ufffd]*$/u;

/** Nothing to read: empty, white space, or only invisible characters. */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  return !(first > 0x20 && first < 0x7f) && BLANK.test(text);
}

/** Nothing but white space: stricter than blank, as a text of one invisible character is a review that somebody sent. */
export const isEmpty = (text: string): boolean => isBlank(text) && EMPTY.test(text);

export class Fields {
  fault: Fault | null = null;

  constructor(private readonly payload: Payload, private readonly settings: DecodeSettings) {}

  refuse(code: RejectionCode, reason: string): void {
    this.fault ??= fault(code, reason);
  }

  has(name: string): boolean {
    const value = this.payload[name];
    return value !== undefined && value !== null;
  }

  /** An identity: taken as it is or refused, never altered. */
  id(name: string): string {
    const value = this.payload[name];
    if (typeof value !== 'string') {
      if (!this.has(name)) this.refuse('missing_field', `Found no ${name}; expected a non-empty string.`);
      else this.wrongType(name, typeof value === 'number' ? 'a string: put the number in quotes, so that no digit is lost' : 'a string');
      return '';
    }
    if (isBlank(value)) this.refuse('missing_field', `Found a blank ${name}, ${show(value)}; expected a non-empty string.`);
    else if (value.length > MAX_ID) this.refuse('out_of_range', `Found a ${name} of ${value.length} characters; expected at most ${MAX_ID}.`);
    else if (UNSTORABLE.test(value)) this.refuse('out_of_range', `Found ${name} ${show(value)} with a control character or half a surrogate pair; expected printable text, as an id is never altered.`);
    return value;
  }

  /** An optional short text; blank is absent. */
  label(name: string, limit = MAX_LABEL): string | null {
    const value = this.payload[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') {
      this.wrongType(name, 'a string');
      return null;
    }
    if (value.length > limit) this.refuse('out_of_range', `Found a ${name} of ${value.length} characters; expected at most ${limit}.`);
    return isBlank(value) ? null : value;
  }

  /** Prose, bounded by its UTF-8 bytes; null when absent. */
  prose(name: string): string | null {
    const value = this.payload[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') {
      this.wrongType(name, 'a string');
      return null;
    }
    if (value.length * 3 > this.settings.maxTextBytes) {
      const bytes = Buffer.byteLength(value);
      if (bytes > this.settings.maxTextBytes) this.refuse('text_too_long', `Found a ${name} of ${bytes} bytes; expected at most ${this.settings.maxTextBytes} as UTF-8.`);
    }
    return value;
  }

  /** Epoch milliseconds; `sent` is the message's own timestamp (not above 0: it had none, and the future cannot be judged). */
  time(name: string, sent: number): number {
    const value = this.payload[name];
    if (typeof value !== 'string') {
      if (!this.has(name)) this.refuse('missing_field', `Found no ${name}; expected an ISO 8601 time such as 2024-05-01T12:30:00Z.`);
      else if (typeof value === 'number') this.refuse('invalid_date', `Found ${name} ${show(value)}, a number, which does not say whether it counts seconds or milliseconds; expected an ISO 8601 time such as 2024-05-01T12:30:00Z.`);
      else this.wrongType(name, 'a string with an ISO 8601 time');
      return 0;
    }
    const at = parseIsoTime(value);
    if (at === null) {
      this.refuse('invalid_date', `Found ${name} ${show(value)}; expected an existing ISO 8601 date or time from 1970 on, such as 2024-05-01 or 2024-05-01T12:30:00Z.`);
      return 0;
    }
    if (sent > 0 && at > sent + this.settings.futureToleranceMs) {
      this.refuse('far_future', `Found ${name} ${show(value)}, ${((at - sent) / 3_600_000).toFixed(1)} hours after the message was sent; expected at most ${this.settings.futureToleranceMs / 3_600_000} hours ahead. Check the producer's clock and time zone.`);
    }
    return at;
  }

  number(name: string, low: number, high: number, whole = false): number | null {
    const value = this.payload[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'number') {
      this.wrongType(name, 'a number');
      return null;
    }
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
      this.refuse('out_of_range', `Found ${name} ${show(value)}; expected a ${whole ? 'whole number' : 'number'} from ${low} to ${high}.`);
      return null;
    }
    return value;
  }

  price(name: string): number | null {
    const value = this.payload[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'number') {
      if (typeof value === 'string' && /^\s*[+-]?(nan|inf|infinity)\s*$/i.test(value)) this.refuse('price_not_finite', `Found ${name} ${show(value)}; expected a finite price.`);
      else this.wrongType(name, 'a number');
      return null;
    }
    if (!Number.isFinite(value)) this.refuse('price_not_finite', `Found ${name} ${show(value)} (a number too large to hold); expected a finite price.`);
    else if (value <= 0) this.refuse('price_not_positive', `Found ${name} ${show(value)}; expected a price above zero.`);
    return value;
  }

  flag(name: string): boolean | null {
    const value = this.payload[name];
    if (value === undefined || value === null) return null;
    if (typeof value === 'boolean') return value;
    this.wrongType(name, 'true or false');
    return null;
  }

  /** The fields that are not in `known`, and those of them that were not read after all, as JSON object text; null when there are none. */
  extra(known: ReadonlySet<string>, unread: readonly string[] = []): string | null {
    let rest: Record<string, unknown> | null = null;
    for (const name in this.payload) if (!known.has(name) || unread.includes(name)) (rest ??= {})[name] = this.payload[name];
    return rest === null ? null : JSON.stringify(rest);
  }

  private wrongType(name: string, expected: string): void {
    const value = this.payload[name];
    this.refuse('wrong_type', `Found ${name} ${show(value)} (${Array.isArray(value) ? 'array' : typeof value}); expected ${expected}.`);
  }
}
