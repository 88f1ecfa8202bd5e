/**
 * A number that is equal for quotes of equal content: 52 bits of two FNV-1a hashes (Fowler, Noll, Vo) over the bits
 * of the numbers and the letters of the texts. Symbol and position are left out: they are the same, or do not matter.
 */
import type { QuoteEvent } from '#contracts';

const PRIME = 0x01000193;

/** One buffer for all calls: written whole before it is read, so nothing carries over. */
const numbers = new Float64Array(8);
const halves = new Uint16Array(numbers.buffer);

export function fingerprint(quote: QuoteEvent): number {
  let a = 0x811c9dc5;
  let b = 0x2f0b4a47;
  const take = (unit: number): void => {
    a = Math.imul(a ^ unit, PRIME);
    b = Math.imul(b ^ (unit + 0x9e37), PRIME);
    b ^= b >>> 15;
  };
  const { close, open, high, low, bid, ask, volume, at } = quote;
  numbers[0] = close;
  numbers[1] = open ?? Number.NaN;
  numbers[2] = high ?? Number.NaN;
  numbers[3] = low ?? Number.NaN;
  numbers[4] = bid ?? Number.NaN;
  numbers[5] = ask ?? Number.NaN;
  numbers[6] = volume ?? Number.NaN;
  numbers[7] = at;
  for (let i = 0; i < halves.length; i += 1) take(halves[i]!);
  const text = `${quote.interval ?? ''}\u0000${quote.extra ?? ''}`;
  for (let i = 0; i < text.length; i += 1) take(text.charCodeAt(i));
  return (a >>> 0) * 2 ** 20 + ((b >>> 0) & 0xfffff);
}
