/** Files of rows: JSON lines or CSV, told apart by content; gzip by its magic bytes. */
import { parse } from 'csv-parse/sync';
import type { Readable } from 'node:stream';
import { invalid, type OnBytes, openBytes, type OpenBytes, streamBytes } from './open-bytes.js';
import { readCsv, SEPARATORS, utf8 } from './read-csv.js';
import { readJsonLines } from './read-json-lines.js';
import type { FileFormat, InputFile } from './row.js';

export type { FileFormat, FileRow, InputFile } from './row.js';

const MAX_HEADER = 1024 * 1024;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** INPUT_FILE_INVALID when the file cannot be opened, or is neither of the two formats. onBytes: sees the bytes as they are read. */
export async function openInputFile(path: string, onBytes: OnBytes | null = null): Promise<InputFile> {
  return rowsFrom(path, await openBytes(path, onBytes));
}

/** The same for what comes through a pipe; `bytes` is 0, since nobody knows how much will come. */
export async function openInputStream(name: string, stream: Readable): Promise<InputFile> {
  return rowsFrom(name, await streamBytes(name, stream));
}

async function rowsFrom(path: string, source: OpenBytes): Promise<InputFile> {
  try {
    const chunks = source.chunks();
    const { held, header } = await firstLine(path, chunks);
    const format = formatOf(path, header);
    const separator = format === 'csv' ? separatorOf(header) : ',';
    const columns = format === 'csv' ? columnsOf(path, header, separator) : null;
    const all = chain(held, chunks);
    return {
      path, format, columns, gzip: source.gzip, bytes: source.bytes,
      bytesRead: () => source.bytesRead(),
      batches: () => (columns === null ? readJsonLines(all) : readCsv(all, separator, columns)),
      close: () => closed(source),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

const closed = (source: OpenBytes) => {
  source.close();
  return Promise.resolve();
};

async function* chain(held: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* held;
  yield* rest;
}

/** Reads until the first line that is not blank is whole; keeps what it read. */
async function firstLine(path: string, chunks: AsyncGenerator<Buffer>): Promise<{ held: Buffer[]; header: string }> {
  const held: Buffer[] = [];
  for (;;) {
    const next = await chunks.next();
    const done = next.done === true;
    if (next.done !== true) held.push(next.value);
    const text = Buffer.concat(held).toString('latin1');
    const found = /^\s*(\S[^\n]*)\n/.exec(text)?.[1] ?? (done ? text.trim() : null);
    if (found !== null) return { held, header: found.replace(/\r$/, '') };
    if (text.length > MAX_HEADER && text.trimStart()[0] === '{') return { held, header: '{' };
    if (text.length > MAX_HEADER) throw invalid(path, `has a first line of more than ${MAX_HEADER} bytes; expected JSON lines, or CSV with a header line`);
  }
}

function formatOf(path: string, header: string): FileFormat {
  if (header === '') throw invalid(path, 'is empty; expected JSON lines, or CSV with a header line');
  if (header.startsWith('[')) throw invalid(path, 'begins with "[", a JSON array; expected one JSON object per line. Convert it first, for example with jq -c ".[]"');
  if (/[\u0000-\u0008]/.test(header)) throw invalid(path, 'is not text; expected JSON lines or CSV, plain or gzip');
  return header.startsWith('{') ? 'jsonl' : 'csv';
}

/** The separator that the header has most of; a comma when it has none. */
function separatorOf(header: string): string {
  const count = (separator: string) => header.split(separator).length;
  return [...SEPARATORS].sort((a, b) => count(b) - count(a))[0]!;
}

function columnsOf(path: string, header: string, separator: string): readonly string[] {
  let cells: string[];
  try {
    cells = (parse(header, { delimiter: separator, relax_column_count: true }))[0]!;
  } catch (error) {
    throw invalid(path, `has a header line that is not CSV (${(error as Error).message}); expected column names`, error);
  }
  const columns = cells.map((cell) => (utf8(cell) ?? cell).trim());
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (columns.includes('')) throw invalid(path, 'has a column without a name; expected a header line that names each column');
  if (twice !== undefined) throw invalid(path, `has two columns named ${JSON.stringify(twice.slice(0, 60))}; expected different names`);
  if (columns.some((column) => FORBIDDEN.has(column))) throw invalid(path, 'has a column named __proto__, constructor or prototype; expected another name');
  return columns;
}
