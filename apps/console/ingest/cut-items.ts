/**
 * Cuts a body into its items without reading them: each keeps the bytes it was sent as, for the decoder that will meet the same
 * bytes behind the stream. Lines of NDJSON, or the elements of one JSON array (a single object counts as one element).
 */
export type Cut = { readonly ok: true; readonly items: readonly Uint8Array[] } | { readonly ok: false; readonly why: string };

const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [0x22, 0x5c, 0x2c, 0x0a];
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Blank lines are no items. */
export function cutLines(body: Uint8Array): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let from = 0; from < body.length; ) {
    const end = body.indexOf(NEWLINE, from);
    const line = trimmed(body.subarray(from, end < 0 ? body.length : end));
    if (line.length > 0) items.push(line);
    if (end < 0) break;
    from = end + 1;
  }
  return items;
}

export function cutArray(given: Uint8Array): Cut {
  const body = trimmed(given);
  if (body[0] === 0x7b) return { ok: true, items: [body] };
  if (body[0] !== 0x5b) return { ok: false, why: 'found neither an array nor an object, expected a JSON array of objects' };
  const items: Uint8Array[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      at = closingQuote(body, at);
      if (at < 0) return { ok: false, why: 'found a string without its closing quote' };
    } else if (OPEN.has(byte)) depth += 1;
    else if (CLOSE.has(byte)) {
      depth -= 1;
      if (depth === 0) return end(body, items, from, at);
    } else if (byte === COMMA && depth === 1) {
      items.push(trimmed(body.subarray(from, at)));
      from = at + 1;
    }
  }
  return { ok: false, why: 'found the end of the body inside the array, expected its closing bracket' };
}

function end(body: Uint8Array, items: Uint8Array[], from: number, at: number): Cut {
  if (at !== body.length - 1 || body[at] !== 0x5d) return { ok: false, why: 'found more behind the array, expected one JSON array' };
  const last = trimmed(body.subarray(from, at));
  if (last.length > 0 || items.length > 0) items.push(last);
  return { ok: true, items };
}

function closingQuote(body: Uint8Array, open: number): number {
  for (let at = open + 1; at < body.length; at += 1) {
    if (body[at] === BACKSLASH) at += 1;
    else if (body[at] === QUOTE) return at;
  }
  return -1;
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let from = 0;
  let to = bytes.length;
  while (from < to && SPACE.has(bytes[from]!)) from += 1;
  while (to > from && SPACE.has(bytes[to - 1]!)) to -= 1;
  return bytes.subarray(from, to);
}
