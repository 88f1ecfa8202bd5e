/** A file as a stream of plain bytes: gzip is known by its magic bytes, never by the file's name. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TidewatchError } from '#contracts';

export interface OpenBytes {
  readonly gzip: boolean;
  readonly bytes: number;
  bytesRead(): number;
  /** Chunks of plain bytes; the byte order mark of UTF-8 is left out. INPUT_FILE_INVALID when gzip breaks off. */
  chunks(): AsyncGenerator<Buffer>;
  close(): void;
}

export type OnBytes = (chunk: Buffer) => void;

const CHUNK = 256 * 1024;

/** onBytes: sees the file's own bytes as they are read; null where nobody wants them. */
export async function openBytes(path: string, onBytes: OnBytes | null): Promise<OpenBytes> {
  const { gzip, bytes } = await look(path);
  const onDisk = createReadStream(path, { highWaterMark: CHUNK });
  const file: Readable = onBytes === null ? onDisk : Readable.from(seen(onDisk, onBytes), { objectMode: false });
  const unpacked = gzip ? createGunzip({ chunkSize: CHUNK }) : null;
  if (unpacked !== null) {
    file.on('error', (error) => unpacked.destroy(error));
    file.pipe(unpacked);
  }
  const close = () => {
    file.destroy();
    onDisk.destroy();
    unpacked?.destroy();
  };
  return { gzip, bytes, bytesRead: () => onDisk.bytesRead, close, chunks: () => plain(path, unpacked ?? file, close) };
}

async function* seen(source: AsyncIterable<Buffer>, onBytes: OnBytes): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    onBytes(chunk);
    yield chunk;
  }
}

/** A pipe as a stream of plain bytes. Its size is not known and stated as 0. */
export async function streamBytes(name: string, stream: Readable): Promise<OpenBytes> {
  const source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let read = 0;
  const next = async (): Promise<Buffer | null> => {
    const { value, done } = await source.next() as IteratorResult<Buffer, undefined>;
    if (done === true) return null;
    read += value.length;
    return value;
  };
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const chunk = await next();
    if (chunk === null) break;
    head = Buffer.concat([head, chunk]);
  }
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const whole = async function* () {
    yield head;
    for (let chunk = await next(); chunk !== null; chunk = await next()) yield chunk;
  };
  const chunks = Readable.from(whole(), { objectMode: false });
  const unpacked = gzip ? createGunzip({ chunkSize: CHUNK }) : null;
  if (unpacked !== null) {
    chunks.on('error', (error) => unpacked.destroy(error));
    chunks.pipe(unpacked);
  }
  const close = () => {
    chunks.destroy();
    unpacked?.destroy();
    stream.destroy();
  };
  return { gzip, bytes: 0, bytesRead: () => read, close, chunks: () => plain(name, unpacked ?? chunks, close) };
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const withoutMark = (head: Buffer) => (head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? head.subarray(3) : head);

async function* plain(path: string, source: AsyncIterable<Buffer>, close: () => void): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  try {
    for await (const chunk of source) {
      if (head === null) {
        yield chunk;
        continue;
      }
      head = Buffer.concat([head, chunk]);
      if (head.length < BYTE_ORDER_MARK.length) continue; // a pipe may give single bytes
      yield withoutMark(head);
      head = null;
    }
    if (head !== null && head.length > 0) yield withoutMark(head);
  } catch (error) {
    throw invalid(path, `cannot be read to its end (${(error as Error).message}); expected a whole file. Rows before this place were read; copy or download the file again`, error);
  } finally {
    close();
  }
}

async function look(path: string): Promise<{ gzip: boolean; bytes: number }> {
  try {
    const about = await stat(path);
    if (about.isDirectory()) throw invalid(path, 'is a folder; expected a file. Name the files in it');
    const file = await open(path);
    try {
      const { buffer: head } = await file.read(Buffer.alloc(4), 0, 4, 0);
      const magic = head.toString('latin1');
      if (magic === 'PK\u0003\u0004') throw invalid(path, 'is a zip archive; expected JSON lines or CSV, plain or gzip. Unpack it first');
      if (magic === '(\u00b5/\u00fd' || magic.startsWith('BZh')) throw invalid(path, 'is compressed with zstd or bzip2; expected plain text or gzip. Unpack it first');
      if (magic.startsWith('\u00ff\u00fe') || magic.startsWith('\u00fe\u00ff')) throw invalid(path, 'is UTF-16; expected UTF-8. Convert it first, for example with iconv -f UTF-16 -t UTF-8');
      return { gzip: magic.startsWith('\u001f\u008b'), bytes: about.size };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TidewatchError) throw error;
    throw invalid(path, `cannot be opened (${(error as NodeJS.ErrnoException).code ?? String(error)}); expected a readable file. Check the path`, error);
  }
}

export function invalid(path: string, what: string, cause?: unknown): TidewatchError {
  return new TidewatchError('INPUT_FILE_INVALID', `${path} ${what}.`, { cause });
}
