/** What a reader gives: rows with their line numbers, and lines that are none, with the reason. */
export type FileFormat = 'jsonl' | 'csv';

export interface FileRow {
  /** Line the row begins on, from 1; a CSV header is line 1. */
  readonly line: number;
  /** The row's own bytes: one JSON text for JSON lines; for CSV, null (see `fields`). */
  readonly raw: Uint8Array | null;
  /** By column for CSV, all strings, empty cells left out; the parsed object for JSON lines; null when it is no object. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** Why the line cannot be a row, for what the reader itself finds; null otherwise. */
  readonly fault: string | null;
}

export interface InputFile {
  readonly path: string;
  readonly format: FileFormat;
  readonly gzip: boolean;
  /** Column names in order; null for JSON lines. */
  readonly columns: readonly string[] | null;
  /** Size on disk, and how much of it has been read so far: for a progress bar. */
  readonly bytes: number;
  bytesRead(): number;
  /** Rows in batches of up to a few thousand, in the file's order. Reads no faster than the batches are taken. May be iterated once. */
  batches(): AsyncIterable<readonly FileRow[]>;
  close(): Promise<void>;
}
