/**
 * A quote message to a QuoteEvent (design section 4). The close is `close`, else `price`, else the mid of bid and ask.
 * Real feeds cross bid and ask by a little (a tenth of the ticks of one FX feed), so a crossing up to 1 % of the price is
 * kept; beyond it the two do not belong together. A high below the low cannot be told right from wrong: the quote stands by
 * its close, and the two go to `extra`. A negative or infinite volume refuses the quote: the row is corrupt.
 */
import type { Decoded, QuoteEvent, StreamMessage } from '#contracts';
import { fault, rejection, type Fault } from './fault.js';
import { Fields } from './fields.js';
import { parsePayload } from './parse-payload.js';
import type { DecodeSettings } from './settings.js';

const KNOWN = new Set(['symbol', 'at', 'close', 'price', 'open', 'high', 'low', 'bid', 'ask', 'volume', 'interval']);
const MAX_CROSSING = 0.01;

export function decodeQuote(settings: DecodeSettings, message: StreamMessage): Decoded<QuoteEvent> {
  const parsed = parsePayload(settings, message.value);
  if (!parsed.ok) return { ok: false, rejection: rejection(message, bareNaN(parsed.text) ?? parsed.fault) };
  const fields = new Fields(parsed.payload, settings);
  const symbol = fields.id('symbol');
  const at = fields.time('at', message.timestamp);
  const bid = fields.price('bid');
  const ask = fields.price('ask');
  const named = fields.has('close') ? fields.price('close') : fields.price('price');
  const close = named ?? mid(fields, bid, ask);
  const high = fields.price('high');
  const low = fields.price('low');
  const torn = high !== null && low !== null && high < low;
  const event: QuoteEvent = {
    kind: 'quote',
    position: { topic: message.topic, partition: message.partition, offset: message.offset },
    symbol, at, close, bid, ask,
    high: torn ? null : high,
    low: torn ? null : low,
    open: fields.price('open'),
    volume: fields.number('volume', 0, Number.MAX_VALUE),
    interval: fields.label('interval', 32),
    // A price beside a close is not read, so it is kept with the unknown fields.
    extra: fields.extra(KNOWN, [...(torn ? ['high', 'low'] : []), ...(fields.has('close') ? ['price'] : [])]),
  };
  return fields.fault === null ? { ok: true, event } : { ok: false, rejection: rejection(message, fields.fault) };
}

function mid(fields: Fields, bid: number | null, ask: number | null): number {
  if (bid === null || ask === null) {
    fields.refuse('missing_field', `Found no close, no price and ${bid === null ? (ask === null ? 'no bid and ask' : 'no bid') : 'no ask'}; expected close, or price, or both bid and ask.`);
    return 1;
  }
  // Halved first: the sum of two large prices may not fit.
  const middle = bid / 2 + ask / 2;
  if (bid - ask > MAX_CROSSING * middle) fields.refuse('out_of_range', `Found bid ${bid} above ask ${ask} by more than 1 %; expected them at most slightly crossed.`);
  if (middle <= 0) fields.refuse('price_not_positive', `Found bid ${bid} and ask ${ask}, whose mid is ${middle}; expected a price above zero.`);
  return middle;
}

/** Some writers put a bare NaN or Infinity where a price is missing. That is not JSON, but the sentence can say what it is. */
function bareNaN(text: string | null): Fault | null {
  const found = text === null ? null : /"(close|price|bid|ask|open|high|low)"\s*:\s*(NaN|[+-]?Infinity)\b/.exec(text);
  return found === null ? null : fault('price_not_finite', `Found ${found[1]!} ${found[2]!}, which is no price and not JSON either; expected a finite number, or null where there is none.`);
}
