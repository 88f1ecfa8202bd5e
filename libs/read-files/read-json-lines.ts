/** JSON lines: one object a line; blank lines are passed over; an overlong line is refused without being held in memory. */
import { isUtf8 } from 'node:buffer';
import type { FileRow } from './row.js';

const MAX_LINE = 4 * 1024 * 1024;

export async function* readJsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly FileRow[]> {
  let line = 1;
  let rest: Buffer[] = [];
  let held = 0;
  let dropped = false;
  const end = (): FileRow | null => {
    const bytes = rest.length === 1 ? rest[0]! : Buffer.concat(rest);
    const row = dropped ? fault(line, null, `a line of more than ${MAX_LINE} bytes; expected one JSON object per line`) : jsonRow(line, bytes);
    rest = [];
    held = 0;
    dropped = false;
    return row;
  };
  for await (const chunk of chunks) {
    const rows: FileRow[] = [];
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
      rest.push(chunk.subarray(from, at));
      const row = end();
      if (row !== null) rows.push(row);
      line += 1;
      from = at + 1;
    }
    if (from < chunk.length && !dropped) {
      rest.push(chunk.subarray(from));
      held += chunk.length - from;
      if (held > MAX_LINE) {
        rest = [];
        dropped = true;
      }
    }
    if (rows.length > 0) yield rows;
  }
  const last = rest.length > 0 || dropped ? end() : null;
  if (last !== null) yield [last];
}

const fault = (line: number, raw: Uint8Array | null, what: string): FileRow => ({ line, raw, fields: null, fault: `Found ${what}.` });

const OPENING_BRACE = 0x7b;

function jsonRow(line: number, withEnd: Buffer): FileRow | null {
  const raw = withEnd.at(-1) === 0x0d ? withEnd.subarray(0, -1) : withEnd;
  if (raw.length === 0 || (raw[0] !== OPENING_BRACE && isUtf8(raw) && raw.toString('utf8').trim() === '')) return null;
  return new JsonRow(line, raw);
}

/** Parsed when its fields are asked for: who passes the bytes on never does. */
class JsonRow implements FileRow {
  readonly fault = null;
  private parsed: FileRow['fields'] | undefined;

  constructor(readonly line: number, readonly raw: Buffer) {}

  get fields(): FileRow['fields'] {
    return (this.parsed ??= objectOf(this.raw));
  }
}

function objectOf(raw: Buffer): FileRow['fields'] {
  if (!isUtf8(raw)) return null;
  try {
    const parsed: unknown = JSON.parse(raw.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed as Readonly<Record<string, unknown>> : null;
  } catch {
    return null;
  }
}
