/**
 * CSV with a header line (RFC 4180: quotes, doubled quotes, line breaks inside quotes), separated by comma, semicolon or
 * tab. A record that cannot be read, or has another number of cells than the header, is refused and the next one is
 * read. Bytes are parsed as Latin-1 and each cell is turned into UTF-8 by itself, so one bad byte costs one row.
 */
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { FileRow } from './row.js';

export const SEPARATORS = [',', ';', '\t'] as const;
const BATCH = 1_000;
const MAX_RECORD = 4 * 1024 * 1024;

/** csv-parse gives, with `info`, the record beside the number of lines read by its end. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

export async function* readCsv(chunks: AsyncIterable<Buffer>, separator: string, columns: readonly string[]): AsyncGenerator<readonly FileRow[]> {
  let rows: FileRow[] = [];
  const parser = parse({
    delimiter: separator, encoding: 'latin1', from: 2, info: true, relax_column_count: true, skip_empty_lines: true, skip_records_with_error: true, max_record_size: MAX_RECORD,
    on_skip: (error: CsvError | undefined) => {
      rows.push(notCsv(error, separator));
      return undefined;
    },
  });
  const source = Readable.from(chunks, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      rows.push(csvRow(record, info.lines, columns));
      if (rows.length >= BATCH) {
        const full = rows;
        rows = [];
        yield inOrder(full);
      }
    }
  } catch (error) {
    // A quote that is never closed: what was read before it stands.
    if (!(error instanceof CsvError)) throw error;
    rows.push(notCsv(error, separator));
  } finally {
    source.destroy();
    parser.destroy();
  }
  if (rows.length > 0) yield inOrder(rows);
}

/** The parser reports a bad record while good ones before it still wait to be taken. */
const inOrder = (rows: FileRow[]) => rows.sort((a, b) => a.line - b.line);

const notCsv = (error: CsvError | undefined, separator: string): FileRow => ({
  line: Number((error as { lines?: number } | undefined)?.lines ?? 0), raw: null, fields: null,
  fault: `Found a record that is not CSV (${(error?.message ?? 'unknown').slice(0, 200)}); expected cells separated by ${JSON.stringify(separator)}, and quotes doubled inside quotes.`,
});

function csvRow(record: readonly string[], lines: number, columns: readonly string[]): FileRow {
  // `lines` counts up to the record's end; line breaks inside quotes lie before it.
  const line = lines - record.reduce((breaks, cell) => breaks + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
  if (record.length !== columns.length) return { line, raw: null, fields: null, fault: `Found ${record.length} cells; expected ${columns.length}, as in the header.` };
  const fields: Record<string, string> = {};
  for (let i = 0; i < columns.length; i += 1) {
    const text = utf8(record[i]!);
    if (text === null) return { line, raw: null, fields: null, fault: `Found bytes that are not UTF-8 in column ${columns[i]!}; expected UTF-8.` };
    if (text !== '') fields[columns[i]!] = text;
  }
  return { line, raw: null, fields, fault: null };
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;

/** Latin-1 back to the bytes it stands for, and those read as UTF-8; null when they are not. */
export function utf8(latin1: string): string | null {
  if (!BEYOND_ASCII.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}
