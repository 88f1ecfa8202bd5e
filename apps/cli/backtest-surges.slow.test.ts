import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BacktestDocument } from '#backtest-surges';
import { backtestSurges } from './backtest-surges.js';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

/** Sixty quiet days of one product, four reviews a day with one negative in ten, then a day with twelve bad ones. */
function quietThenSurge(): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = [];
  const add = (at: number, rating: number, text: string) => rows.push({ reviewId: `r${rows.length}`, productId: 'lamp', productName: 'Lamp <b>&"', rating, text, reviewedAt: new Date(at).toISOString() });
  for (let i = 0; i < 240; i += 1) add(START + (i * DAY) / 4, i % 10 === 3 ? 1 : 5, `fine number ${i}`);
  for (let i = 0; i < 12; i += 1) add(START + 60 * DAY + i * 3_600_000, 1, `<script>alert(${i})</script> the hinge snapped ${i}`);
  for (let i = 0; i < 40; i += 1) add(START + 61 * DAY + (i * DAY) / 4, 5, `fine again ${i}`);
  return rows;
}

describe('backtest surges', () => {
  let folder = '';
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'backtest-'))));
  after(() => rm(folder, { recursive: true }));

  async function run(content: string, flags: { readonly map?: string; readonly budget?: string; readonly truth?: string; readonly calendar?: string } = {}) {
    const file = join(folder, 'reviews.txt');
    await writeFile(file, content);
    let printed = '';
    let shown = '';
    await backtestSurges(file, { truth: 'stars', budget: '1/quarter', json: true, out: join(folder, 'out'), ...flags }, { print: (text: string) => void (printed += text), screen: { write: (text: string) => (shown += text) } });
    return { document: JSON.parse(printed) as BacktestDocument, shown, report: await readFile(join(folder, 'out', 'report.html'), 'utf8') };
  }
  const lines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

  it('finds the one surge, with its start, evidence and end', async () => {
    const { document } = await run(lines(quietThenSurge()));
    assert.deepEqual(Object.keys(document), ['budget', 'products', 'from', 'to', 'reviews', 'surges']);
    assert.deepEqual({ ...document, surges: document.surges.length }, { budget: '1/quarter', products: 1, from: '2024-01-01T00:00:00.000Z', to: '2024-03-11T18:00:00.000Z', reviews: 292, surges: 1 });
    const surge = document.surges[0]!;
    assert.deepEqual(Object.keys(surge), ['productId', 'channel', 'estimatedStart', 'openedAt', 'closedAt', 'severity', 'expected', 'observed', 'shareBefore', 'shareNow', 'contributors', 'evidence', 'events', 'muted']);
    assert.ok(Math.abs(Date.parse(surge.estimatedStart) - (START + 60 * DAY)) < DAY / 2, surge.estimatedStart);
    assert.ok(Date.parse(surge.openedAt) < START + 61 * DAY, surge.openedAt);
    assert.ok(surge.closedAt !== null && surge.closedAt > surge.openedAt);
    assert.ok(surge.observed >= 12 && surge.observed < 15 && surge.expected < 5, JSON.stringify(surge));
    assert.ok(surge.evidence.some(({ excerpt, line }) => excerpt.includes('hinge') && line > 240), JSON.stringify(surge.evidence));
  });

  it('writes a page with a chart, in which nothing of the file is markup', async () => {
    const { report } = await run(lines(quietThenSurge()));
    assert.ok(report.includes('<svg') && report.includes('class="expected"'));
    assert.ok(report.includes('Lamp &lt;b&gt;&amp;&quot;'));
    assert.ok(report.includes('&lt;script&gt;') && !report.includes('<script'));
    assert.ok(!/(src|href)="(?!#)/.test(report), 'nothing is fetched from elsewhere');
  });

  it('gives the same document for a file in any order, as CSV with --map, and with every line twice', async () => {
    const rows = quietThenSurge();
    const reference = (await run(lines(rows))).document;
    const places = (document: BacktestDocument) => ({ ...document, surges: document.surges.map((surge) => ({ ...surge, evidence: surge.evidence.map(({ reviewId }) => reviewId) })) });
    const backwards = await run(lines(rows.toReversed()));
    assert.deepEqual(places(backwards.document), places(reference));
    assert.match(backwards.shown, /stood behind a later review; they were sorted/);
    const csv = ['id,asin,productName,stars,reviewText,date', ...rows.map((r) => [r['reviewId'], r['productId'], `"${(r['productName'] as string).replaceAll('"', '""')}"`, r['rating'], r['text'], r['reviewedAt']].join(','))].join('\n');
    assert.deepEqual(places((await run(csv, { map: 'productId=asin,rating=stars' })).document), places(reference));
    const twice = await run(lines([...rows, ...rows]));
    assert.deepEqual(places(twice.document), places(reference));
    assert.match(twice.shown, /292 lines repeat a review/);
  });

  it('names lines that cannot be used by their numbers and goes on', async () => {
    const rows = quietThenSurge();
    const text = [JSON.stringify(rows[0]), 'no json', JSON.stringify({ ...rows[1], rating: undefined }), ...rows.slice(2).map((row) => JSON.stringify(row))].join('\n');
    const { document, shown } = await run(text);
    assert.equal(document.reviews, 291);
    assert.match(shown, /:2 refused: /);
    assert.match(shown, /:3 refused: Found no "rating".*\(missing_field\)/);
  });

  it('heeds known events: what they expect is no surge, what they mute is marked, and a broken file is refused', async () => {
    const ics = async (...lines: string[]) => {
      const path = join(folder, 'known.ics');
      await writeFile(path, ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:recall', 'SUMMARY:Hinge <recall>', 'DTSTART:20240301T000000Z', 'DTEND:20240302T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n'));
      return path;
    };
    const muted = await run(lines(quietThenSurge()), { calendar: await ics('DESCRIPTION:tidewatch: mute kind=recall products=lamp') });
    assert.deepEqual(muted.document.surges.map((surge) => [surge.muted, surge.events.map(({ name, kind, from }) => [name, kind, from])]), [[true, [['Hinge <recall>', 'recall', '2024-03-01T00:00:00.000Z']]]]);
    assert.ok(muted.report.includes('Hinge &lt;recall&gt; (recall, muted)'));
    const other = await run(lines(quietThenSurge()), { calendar: await ics('DESCRIPTION:tidewatch: mute products=chair') });
    assert.deepEqual(other.document.surges.map((surge) => [surge.muted, surge.events]), [[false, []]]);
    await assert.rejects(run(lines(quietThenSurge()), { calendar: await ics('DTSTAMP') }), /known.ics: line 7: found "DTSTAMP", expected NAME:value/);
    await assert.rejects(run(lines(quietThenSurge()), { calendar: join(folder, 'none.ics') }), /none.ics cannot be read/);
  });

  it('refuses a budget, a truth or a mapping that it cannot use, before it reads', async () => {
    await assert.rejects(run('x', { budget: '0/week' }), /--budget is not an alarm budget/);
    await assert.rejects(run('x', { truth: 'maybe' }), /expected "model".*or "stars"/);
    await assert.rejects(run('a,b\n1,2\n'), /expected reviewId, productId, text, reviewedAt as well/);
    await assert.rejects(run('x', { map: 'productId' }), /target=source/);
  });
});
