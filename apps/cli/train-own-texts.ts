/**
 * One's own reviews as texts to train on: files of rows, checked by the decoder that serves, the newest kept where there
 * are more than memory should hold.
 */
import { basename } from 'node:path';
import type { ReviewEvent } from '#contracts';
import { type DataFile, type LabelledText, TrainingStopped, type TrainingTexts } from '#train-models';
import { checkColumns, type FieldMap } from './feed-mapping.js';
import { openHashedFile } from './hashed-input.js';
import { readRows } from './score-row.js';

export interface OwnTextsOptions {
  readonly map: FieldMap;
  /** So many reviews are kept, the newest. */
  readonly most: number;
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string, share: number) => void;
  readonly onRefused: (file: string, refusal: { readonly line: number; readonly code: string; readonly reason: string }) => void;
}

export interface OwnTexts {
  readonly texts: TrainingTexts;
  readonly refused: number;
  /** Older reviews that were let go, and reviews that came again. */
  readonly dropped: number;
  readonly repeated: number;
}

/** @throws INPUT_FILE_INVALID where a file is no file of rows, or lacks a column */
export async function readOwnTexts(paths: readonly string[], options: OwnTextsOptions): Promise<OwnTexts> {
  const { map, most, now, signal, onProgress, onRefused } = options;
  const kept = new NewestReviews(most);
  const files: DataFile[] = [];
  let refused = 0;
  const refuse = (path: string, refusal: Parameters<OwnTextsOptions['onRefused']>[1]) => {
    refused += 1;
    onRefused(path, refusal);
  };
  for (const path of paths) {
    const { file, sha256 } = await openHashedFile(path);
    let rows = 0;
    try {
      if (file.columns !== null) checkColumns('reviews', path, file.columns, map);
      for await (const batch of file.batches()) {
        if (signal.aborted) throw new TrainingStopped('training was stopped while it read; nothing was written');
        rows += batch.length;
        const { events, refusals } = readRows(batch, map, true, now);
        for (const refusal of refusals) refuse(path, refusal);
        for (const event of events) {
          if (event.rating === null) refuse(path, { line: Number(event.position.offset), code: 'missing_field', reason: 'Found no "rating"; expected 1 to 5 stars on every review, since the model learns from them.' });
          else kept.add(event, basename(path));
        }
        onProgress(`${basename(path)}: ${rows.toLocaleString('en')} rows`, file.bytes === 0 ? 0 : file.bytesRead() / file.bytes);
      }
    } finally {
      await file.close();
    }
    files.push({ file: basename(path), sha256: await sha256(), rows, licence: 'your own' });
  }
  const reviews = kept.inOrder();
  const about = `Reviews of ${files.map(({ file }) => file).join(', ')}. Texts of other kinds were not seen, but by the model that it may have gone on from.`;
  return { texts: { reviews, sentences: [], judged: [], files, about }, refused, dropped: kept.dropped, repeated: kept.repeated };
}

/** Reviews by id, the last of each; of too many the newest. Holds at most twice as many as asked for. */
class NewestReviews {
  private readonly byId = new Map<string, LabelledText>();
  dropped = 0;
  repeated = 0;

  constructor(private readonly most: number) {}

  add({ reviewId, productId, title, text, rating, reviewedAt }: ReviewEvent, source: string): void {
    const id = `${productId}\0${reviewId}`;
    if (this.byId.has(id)) this.repeated += 1;
    this.byId.set(id, { source: source.replace(/\.(jsonl|json|csv|tsv|gz)\b/g, ''), productId, title, text, rating, at: reviewedAt, negative: rating! <= 2 });
    if (this.byId.size >= 2 * this.most) this.cut();
  }

  inOrder(): LabelledText[] {
    this.cut();
    return [...this.byId.values()];
  }

  private cut(): void {
    const older = [...this.byId].sort(([, a], [, b]) => b.at! - a.at!).slice(this.most);
    for (const [id] of older) this.byId.delete(id);
    this.dropped += older.length;
  }
}
