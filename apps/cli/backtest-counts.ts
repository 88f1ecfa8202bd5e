/** `tidewatch backtest counts FILE.csv --out SCORES.csv`: an anomaly score for every point of a plain series. */
import { writeFile } from 'node:fs/promises';
import { TidewatchError } from '#contracts';
import { openInputFile } from '#read-files';
import { scoreSeries, type SeriesPoint } from '#score-series';
import { ProgressLine } from './progress-line.js';
import { RefusedRows } from './refused-rows.js';

export async function backtestCounts(path: string, flags: { readonly out: string }): Promise<void> {
  const progress = new ProgressLine();
  const { points, refused } = await readPoints(path, (share) => progress.show('reading', share, ''));
  const told = new RefusedRows((line) => { progress.line(line); });
  for (const row of refused) told.add({ file: path, code: null, ...row });
  told.end();
  if (points.length === 0) throw new TidewatchError('INPUT_FILE_INVALID', `${path} has no usable point; expected lines of timestamp,value with a number as value.`);
  const scores = scoreSeries(points);
  const lines = points.map(({ timestamp, value }, t) => `${/[",\n]/.test(timestamp) ? `"${timestamp.replaceAll('"', '""')}"` : timestamp},${value},${scores[t]!.toFixed(6)}\n`);
  await writeFile(flags.out, `timestamp,value,anomaly_score\n${lines.join('')}`).catch((cause: unknown) => {
    throw new TidewatchError('SETTING_INVALID', `--out ${flags.out} cannot be written (${(cause as Error).message}): expected a file in an existing folder.`, { cause });
  });
  progress.end();
  progress.line(`${points.length.toLocaleString('en')} points scored, ${refused.length} lines left out; ${flags.out}`);
}

async function readPoints(path: string, onProgress: (share: number) => void): Promise<{ points: SeriesPoint[]; refused: { line: number; reason: string }[] }> {
  const file = await openInputFile(path);
  const points: SeriesPoint[] = [];
  const refused: { line: number; reason: string }[] = [];
  try {
    const missing = ['timestamp', 'value'].filter((name) => file.columns?.includes(name) === false);
    if (missing.length > 0) throw new TidewatchError('INPUT_FILE_INVALID', `${path} has the columns ${file.columns!.join(', ').slice(0, 300)}; expected timestamp and value.`);
    for await (const rows of file.batches()) {
      for (const { line, fields, fault } of rows) {
        const timestamp = fields?.['timestamp'];
        const cell = fields?.['value'];
        const value = typeof cell === 'string' && cell.trim() !== '' ? Number(cell) : typeof cell === 'number' ? cell : NaN;
        if (fault !== null) refused.push({ line, reason: fault });
        else if (typeof timestamp !== 'string') refused.push({ line, reason: 'found no timestamp; expected one.' });
        else if (!Number.isFinite(value)) refused.push({ line, reason: 'the value is no finite number; expected one such as 12 or 0.5.' });
        else points.push({ timestamp, value });
      }
      onProgress(file.bytes === 0 ? 1 : file.bytesRead() / file.bytes);
    }
  } finally {
    await file.close();
  }
  return { points, refused };
}
