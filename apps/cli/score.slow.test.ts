import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import { partitionOfKey } from '#consume-files';
import { registerScore } from './score.js';

interface Line {
  readonly reviewId: string;
  readonly productId: string | null;
  readonly pNegative: number;
  readonly pNegativeText: number;
  readonly knownWords: number | null;
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

  it('says how many of the words the model knows', async () => {
    const { lines } = await score(jsonLines(['It broke after a day', 'Der Akku hält leider nur eine Stunde', '12 !!'].map((text, i) => review(i, text))));
    assert.deepEqual(lines.map(({ knownWords }) => knownWords === null ? null : knownWords > 0.9), [true, false, null]);
    assert.ok(lines[1]!.knownWords! < 0.8);
  });

  it('lets earlier reviews of the same product count with --history, and nothing of another source', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ ...review(i, 'It is what it is.', i % 2 === 0 ? 1 : 5), source: `shop ${i % 2}` }));
    const { lines } = await score(jsonLines(rows), '--history');
    const alone = await score(jsonLines(rows.filter(({ productId }) => productId === 'p0')), '--history');
    assert.deepEqual(lines.slice(0, 2).map((l) => l.pNegative), lines.slice(0, 2).map((l) => l.pNegativeText), 'a first review has no history');
    assert.ok(lines.slice(2).some((l) => l.pNegative !== l.pNegativeText));
    assert.deepEqual(lines.filter((l) => l.productId === 'p0'), alone.lines);
  });

  it('lets products of a source learn from each other, within the partitions that it is told of', async () => {
    const rows = Array.from({ length: 240 }, (_, i) => ({ ...review(i, 'It is what it is.', 1), productId: `p${i % 12}`, source: 'shop' }));
    const inFirst = ({ productId }: { readonly productId: string | null }) => partitionOfKey(productId!, 2) === 0;
    const { lines } = await score(jsonLines(rows), '--history', '--partitions', '2');
    const apart = await score(jsonLines(rows.filter(inFirst)), '--history');
    assert.deepEqual(lines.filter(inFirst), apart.lines);
    const firsts = lines.slice(0, 12);
    assert.equal(firsts[0]!.pNegative, firsts[0]!.pNegativeText);
    assert.ok(firsts.filter(inFirst).slice(1).every((line) => line.pNegative > line.pNegativeText), 'first reviews of products, after others of the shop had one star');
    assert.notDeepEqual(lines, (await score(jsonLines(rows), '--history')).lines);
  });

  it('admits with --history as the service does: repeats change nothing, a higher revision is read by its text alone', async () => {
    const plain = Array.from({ length: 40 }, (_, i) => ({ ...review(i, i % 3 === 0 ? 'Broken.' : 'Fine for me', i % 3 === 0 ? 1 : 5), productId: 'p' }));
    const repeated = [...plain.slice(0, 20), plain[3]!, { ...plain[5]!, revision: 1, text: 'Awful after all' }, { ...plain[5]!, text: 'stale' }, { ...plain[6]!, text: 'other' }, ...plain.slice(20)];
    const expected = await score(jsonLines(plain), '--history');
    const { lines, said } = await score(jsonLines(repeated), '--history');
    assert.deepEqual([...lines.slice(0, 20), ...lines.slice(21)], expected.lines);
    assert.equal(lines[20]!.pNegative, lines[20]!.pNegativeText);
    assert.match(said, /stdin:23 refused: .*\(stale_revision\)/);
    assert.match(said, /stdin:24 refused: .*\(conflicting_revision\)/);
    assert.match(said, /44 rows read, 41 scored .*, 2 refused .*, 1 duplicates/);
  });

  it('refuses what a worker refuses, with its code', async () => {
    const rows = ['{"reviewId":"a\\u0000","text":"x"}', '{"text":"x","rating":"five"}', '{"text":"x","reviewedAt":"soon"}', '{"text":"x","revision":-1}', `{"text":"${'a'.repeat(40_000)}"}`, '{"text":"half \\ud800 a pair"}'];
    const { lines, said } = await score(rows.join('\n'));
    assert.deepEqual(lines.map(({ reviewId }) => reviewId), ['6']);
    for (const [line, code] of [[1, 'out_of_range'], [2, 'wrong_type'], [3, 'invalid_date'], [4, 'out_of_range'], [5, 'text_too_long']] as const) assert.match(said, new RegExp(`stdin:${line} refused: .*\\(${code}\\)`));
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

