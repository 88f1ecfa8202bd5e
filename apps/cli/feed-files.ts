/** The work of `tidewatch feed`: files to rows, rows checked by the very decoder of the workers, good ones sent, others told. */
import type { OutgoingMessage, Rejection, StreamMessage, StreamProducer } from '#contracts';
import { decodeQuotes, decodeReviews, defaultDecodeSettings } from '#decode-events';
import { openInputFile, type FileRow, type InputFile } from '#read-files';
import { checkColumns, messageBytes, type FieldMap, type StreamKind } from './feed-mapping.js';
import type { Progress } from './feed-progress.js';
import { type RefusedRow as ToldRow, RefusedRows } from './refused-rows.js';
import { Sender } from './feed-send.js';
import { Pace, type Speed } from './feed-speed.js';

export interface RefusedRow {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly reason: string;
  /** The row as text, for --refused. */
  readonly row: string;
}

export interface FeedSummary {
  readonly stream: StreamKind;
  readonly topic: string;
  readonly rows: number;
  readonly sent: number;
  readonly refused: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  /** The first refusals, with line numbers and reasons. */
  readonly refusals: readonly ToldRow[];
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Stopped by Ctrl-C before the end of the files. */
  readonly interrupted: boolean;
}

export interface FeedOptions {
  readonly kind: StreamKind;
  readonly files: readonly string[];
  readonly topic: string;
  readonly map: FieldMap;
  readonly speed: Speed;
  /** Rows sent at most. */
  readonly limit: number;
  readonly producer: StreamProducer;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly refused: (row: RefusedRow) => Promise<void>;
}

type Checked = { readonly message: OutgoingMessage; readonly size: number; readonly at: number } | { readonly code: string; readonly reason: string };

export async function feedFiles(options: FeedOptions): Promise<FeedSummary> {
  const { kind, topic, producer, progress, signal, now } = options;
  const begun = now();
  const sender = new Sender({ producer, topic, signal, wait: options.wait, notice: (line) => { progress.line(line); } });
  const pace = options.speed === null ? null : new Pace(options.speed, begun);
  const refused = new RefusedRows((line) => { progress.line(line); });
  let rows = 0;
  let taken = 0;

  const take = async (file: InputFile, row: FileRow, checked: Checked) => {
    rows += 1;
    if ('code' in checked) {
      const told = { file: file.path, line: row.line, code: checked.code, reason: checked.reason, row: rowText(row) };
      refused.add(told);
      await options.refused(told);
      return;
    }
    if (pace !== null) await untilDue(pace.dueAt(checked.at));
    if (signal.aborted) return;
    taken += 1;
    await sender.add(checked.message, checked.size);
  };
  const untilDue = async (due: number) => {
    if (due <= now()) return;
    await sender.flush();
    while (due > now() && !signal.aborted) await options.wait(Math.min(due - now(), 1_000), signal).catch(() => undefined);
  };

  for (const [index, path] of options.files.entries()) {
    if (signal.aborted || taken >= options.limit) break;
    const file = await openInputFile(path);
    try {
      if (file.columns !== null) checkColumns(kind, path, file.columns, options.map);
      for await (const batch of file.batches()) {
        const checked = checkRows(kind, batch, options.map, now());
        for (const [i, row] of batch.entries()) {
          if (signal.aborted || taken >= options.limit) break;
          await take(file, row, checked[i]!);
        }
        progress.show(kind, (index + (file.bytes === 0 ? 1 : file.bytesRead() / file.bytes)) / options.files.length, { sent: sender.sent, refused: refused.count });
        if (signal.aborted || taken >= options.limit) break;
      }
    } finally {
      await file.close();
    }
  }
  await sender.flush();
  refused.end();
  progress.end();
  const seconds = (now() - begun) / 1000;
  return {
    stream: kind, topic, rows, sent: sender.sent, refused: refused.count, refusedByCode: refused.byCode, seconds, interrupted: signal.aborted,
    refusals: refused.first,
    rowsPerSecond: Math.round(sender.sent / Math.max(seconds, 0.001)),
  };
}

/** One verdict per row. `sent` stands for the timestamp that the message will get. */
export function checkRows(kind: StreamKind, rows: readonly FileRow[], map: FieldMap, sent: number): readonly Checked[] {
  const messages = rows.map((row): StreamMessage => ({ topic: kind, partition: 0, offset: BigInt(row.line), key: null, timestamp: sent, value: messageBytes(kind, row, map) }));
  const refusal = ({ code, reason }: Rejection) => ({ code, reason });
  const decoded = kind === 'reviews'
    ? decodeReviews(defaultDecodeSettings, messages).map((result) => (result.ok ? { key: result.event.productId, at: result.event.reviewedAt } : refusal(result.rejection)))
    : decodeQuotes(defaultDecodeSettings, messages).map((result) => (result.ok ? { key: result.event.symbol, at: result.event.at } : refusal(result.rejection)));
  return decoded.map((result, i) => {
    const fault = rows[i]!.fault;
    if (fault !== null) return { code: 'unreadable_row', reason: fault };
    if ('code' in result) return result;
    const value = messages[i]!.value!;
    return { message: { key: result.key, value }, size: value.length, at: result.at };
  });
}

const rowText = (row: FileRow) => (row.raw !== null ? Buffer.from(row.raw).toString('utf8') : row.fields === null ? '' : JSON.stringify(row.fields));
