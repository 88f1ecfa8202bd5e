import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import { registerScore } from './score.js';
import { readRow } from './score-row.js';

interface Line {
  readonly reviewId: string;
  readonly productId: string | null;
  readonly pNegative: number;
  readonly pNegativeText: number;
  readonly topWords: readonly { word: string; start: number; end: number; weight: number }[];
  readonly modelId: string;
}

describe('tidewatch score', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-'));
  after(() => rmSync(folder, { recursive: true }));

  async function score(content: string, ...flags: string[]): Promise<{ lines: Line[]; said: string }> {
    const output = new PassThrough();
    let [written, said] = ['', ''];
    output.on('data', (chunk: Buffer) => { written += chunk.toString(); });
    const program = new Command('tidewatch').exitOverride();
    registerScore(program, { input: Readable.from([Buffer.from(content)]), output, screen: { write: (text) => { said += text; } } });
    const exitCode = process.exitCode;
    await program.parseAsync(['node', 'tidewatch', 'score', '-', ...flags]);
    process.exitCode = exitCode;
    return { lines: written.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line), said };
  }
  const review = (i: number, text: string, rating: number | null = null) => ({ reviewId: `r${i}`, productId: `p${i % 2}`, text, reviewedAt: new Date(Date.UTC(2024, 0, 1, i)).toISOString(), ...(rating === null ? {} : { rating }) });
  const jsonLines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

  it('gives one line a review in the order of the input, from the text alone, with words that stand where it says', async () => {
    const rows = Array.from({ length: 1200 }, (_, i) => review(i, i % 3 === 0 ? 'Terrible. It broke after a day and they refuse a refund!' : `Great, I love it ${'very '.repeat(i % 7)}much`));
    const { lines } = await score(jsonLines(rows));
    assert.deepEqual(lines.map(({ reviewId }) => reviewId), rows.map(({ reviewId }) => reviewId));
    lines.forEach(({ pNegative, pNegativeText, topWords }, i) => {
      assert.equal(pNegative, pNegativeText);
      assert.equal(pNegative > 0.5, i % 3 === 0);
      assert.ok(topWords.length > 0 && topWords.every(({ word, start, end, weight }) => rows[i]!.text.slice(start, end) === word && weight >= 0 && weight <= 1));
    });
  });

  it('lets earlier reviews of the same product count with --history, and nothing else', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => review(i, 'It is what it is.', i % 2 === 0 ? 1 : 5));
    const { lines } = await score(jsonLines(rows), '--history');
    const alone = await score(jsonLines(rows.filter(({ productId }) => productId === 'p0')), '--history');
    assert.deepEqual(lines.slice(0, 2).map((l) => l.pNegative), lines.slice(0, 2).map((l) => l.pNegativeText), 'a first review has no history');
    assert.ok(lines.slice(2).some((l) => l.pNegative !== l.pNegativeText));
    assert.deepEqual(lines.filter((l) => l.productId === 'p0'), alone.lines);
  });

  it('needs only a text without --history, from CSV too, and names the lines that it cannot use', async () => {
    const { lines, said } = await score('title,text,rating\n,"fine, thanks",5\n,,3\n,awful,9\nBad,broken,\n');
    assert.deepEqual(lines.map(({ reviewId, productId }) => [reviewId, productId]), [['2', null], ['5', null]]);
    assert.match(said, /stdin:3 refused: Found no text/);
    assert.match(said, /stdin:4 refused: Found rating 9/);
    assert.match(said, /4 rows read, 2 scored by \S+, 2 refused \(missing_field 1, out_of_range 1\)/);
    await assert.rejects(score('text\nfine\n', '--history'), /expected productId, reviewedAt as well/);
  });

  it('reports broken JSON, and writes to a file and figures as JSON when asked', async () => {
    const out = join(folder, 'out.jsonl');
    const { lines, said } = await score('{"text":"good"}\n{"text":\n[1]\n{"text":"bad"}\n', '--out', out, '--json');
    assert.equal(lines.length, 0);
    const summary = JSON.parse(said.split('\n').find((line) => line.startsWith('{'))!) as { scored: number; refusals: { line: number }[] };
    assert.deepEqual([summary.scored, summary.refusals.map(({ line }) => line)], [2, [2, 3]]);
    assert.equal(readFileSync(out, 'utf8').split('\n').length, 3);
    await assert.rejects(score('{"text":"good"}', '--out', join(folder, 'no', 'out')), /--out .* cannot be written .*existing folder/);
    writeFileSync(join(folder, 'model.json'), '{}');
    await assert.rejects(score('{"text":"good"}', '--model', folder), /cannot be served/);
  });
});

describe('a row to score', () => {
  const row = (fields: Record<string, unknown>, raw = true) => ({ line: 7, fields, raw: raw ? Buffer.from(JSON.stringify(fields)) : null, fault: null });
  const now = Date.UTC(2025, 0, 1);

  it('is read alike on the short path and by the decoder', () => {
    const fields = { reviewId: 'a', productId: 'b', title: 'T', text: 'words', rating: 2.5, reviewedAt: '2024-05-01T10:00:00Z' };
    const plain = readRow(row(fields), new Map(), true, now);
    const decoded = readRow(row({ ...fields, text: 'words', title: 'T'.repeat(1) }), new Map(), true, Date.UTC(2024, 4, 1, 9)); // ahead of the clock: the decoder's
    assert.deepEqual(plain, { review: { ...fields, reviewedAt: Date.UTC(2024, 4, 1, 10) } });
    assert.deepEqual(decoded, plain);
    assert.deepEqual(readRow(row({ id: 'a', asin: 'b', title: 'T', review: 'words', stars: '2.5', date: '2024-05-01T10:00:00Z' }, false), new Map(), true, now), plain);
  });

  it('takes a title for a missing text, and is refused for what is wrong with it', () => {
    assert.deepEqual(readRow(row({ title: 'Bad', text: '' }), new Map(), false, now), { review: { reviewId: '7', productId: null, title: null, text: 'Bad', rating: null, reviewedAt: 0 } });
    for (const [fields, code] of [[{ text: 3 }, 'wrong_type'], [{ text: 'x', rating: 'five' }, 'wrong_type'], [{ text: 'a'.repeat(40_000) }, 'text_too_long'], [{ text: 'x', reviewedAt: 'soon' }, 'invalid_date']] as const) {
      const read = readRow(row(fields), new Map(), false, now);
      assert.deepEqual('code' in read && [read.line, read.code], [7, code]);
    }
  });
});
