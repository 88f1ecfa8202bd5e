/** docs/sql.md, question by question: as the role that reads, on a filled database, with what each must give. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Client } from 'pg';
import { projectRoot } from '#load-config';
import { useTestDatabase } from '#testkit';
import { connectAsReader, fillDatabase } from '../page/fill-database.js';
import { HOUR } from '../page/fixture-reviews.js';

type Row = Record<string, unknown>;
const questions = [...readFileSync(join(projectRoot(), 'docs/sql.md'), 'utf8').matchAll(/^## (\d+)\. (.+)\n+```sql\n([\s\S]+?)\n```/gm)].map(([, number, title, sql]) => ({ number: Number(number), title: title!, sql: sql! }));
const now = Date.now() - HOUR;
const column = (rows: readonly Row[], name: string) => rows.map((row) => row[name]);
const falls = (values: readonly number[]) => assert.deepEqual(values, values.toSorted((a, b) => b - a));

interface Week {
  negatives: number;
  reviews: number;
}

/** Question 18 by counting review by review: weeks end with the newest hour in which anything was reviewed. */
async function worseThanLastWeek(owner: Client): Promise<{ product: string; negatives: number; by: number }[]> {
  const { rows } = await owner.query<{ product: string; at: Date; negative: boolean }>('SELECT product_id AS product, reviewed_at AS at, p_negative >= 0.5 AS negative FROM internal.review_score WHERE superseded_by IS NULL');
  const hourOf = (at: Date): number => Math.floor(at.getTime() / HOUR);
  const newest = rows.reduce((latest, { at }) => Math.max(latest, hourOf(at)), 0);
  const products = new Map<string, [Week, Week]>();
  for (const { product, at, negative } of rows) {
    const week = Math.floor((newest - hourOf(at)) / (7 * 24));
    const weeks = products.get(product) ?? [{ negatives: 0, reviews: 0 }, { negatives: 0, reviews: 0 }];
    products.set(product, weeks);
    if (week > 1) continue;
    weeks[week as 0 | 1].reviews += 1;
    weeks[week as 0 | 1].negatives += Number(negative);
  }
  return [...products]
    .filter(([, weeks]) => weeks.every(({ reviews }) => reviews >= 20))
    .map(([product, [week, before]]) => ({ product, negatives: week.negatives, by: week.negatives / week.reviews - before.negatives / before.reviews }))
    .sort((a, b) => b.by - a.by || (a.product < b.product ? -1 : 1)).slice(0, 20);
}

/** Question 21 by counting review by review: of the two weeks before and after, the one before alone has reviews in the filled database. */
async function broughtByHoliday(owner: Client, from: number): Promise<{ reviews: number; factor: number }> {
  const { rows } = await owner.query<{ at: Date }>('SELECT reviewed_at AS at FROM internal.review_score WHERE superseded_by IS NULL');
  const countFrom = (begin: number) => rows.filter(({ at }) => at.getTime() >= begin && at.getTime() < begin + 24 * HOUR).length;
  return { reviews: countFrom(from), factor: countFrom(from) / countFrom(from - 7 * 24 * HOUR) };
}

describe('the questions of docs/sql.md', () => {
  const database = useTestDatabase();
  const variables: Record<string, string> = { product: 'prd-003' };
  let reader: Client;
  let reviews: number;
  let holiday: { reviews: number; factor: number };
  let worsened: { product: string; negatives: number; by: number }[];

  before(async () => {
    const owner = await fillDatabase(database, now, 150);
    await owner.query("INSERT INTO internal.stream_gap (topic, partition, from_offset, to_offset, reason) VALUES ('reviews.v1', 0, 3, 7, 'retention')");
    await owner.query("INSERT INTO internal.feed_silence (stream, silent_since) VALUES ('quotes', now() - interval '1 hour')");
    const { rows } = await owner.query<{ surge: string }>("SELECT surge_id AS surge FROM internal.surge ORDER BY closed_at IS NULL DESC, severity DESC");
    variables['surge'] = rows[0]!.surge;
    await owner.query(`SELECT tidewatch.acknowledge_surge($1, by => 'Mia'), tidewatch.note_surge($1, 'asked the supplier', by => 'Mia'), tidewatch.judge_surge($1, 'real', by => 'Ann')`, [rows[0]!.surge]);
    await owner.query(`SELECT tidewatch.judge_surge($1, 'false', by => 'Ann')`, [rows[3]!.surge]);
    const review = await owner.query<{ id: string }>("SELECT review_id AS id FROM internal.review_score WHERE product_id = 'prd-003' ORDER BY reviewed_at DESC LIMIT 1");
    variables['review'] = review.rows[0]!.id;
    reviews = Number((await owner.query<{ n: string }>('SELECT count(*) AS n FROM internal.review_score')).rows[0]!.n);
    const day = HOUR * (Math.floor(now / HOUR) - 48);
    await owner.query("SELECT tidewatch.add_calendar_event('Midsummer', 'holiday', $1, $2, factor => 2, by => 'Ann')", [new Date(day), new Date(day + 24 * HOUR)]);
    holiday = await broughtByHoliday(owner, day);
    worsened = await worseThanLastWeek(owner);
    reader = await connectAsReader(database);
  });

  const EXPECTED: Readonly<Record<number, (rows: readonly Row[]) => void>> = {
    1: (rows) => assert.deepEqual([column(rows, 'stream'), column(rows, 'scored'), column(rows, 'entities')], [['reviews', 'quotes'], [String(reviews), '1200'], ['24', '8']]),
    2: (rows) => assert.deepEqual(rows.map(({ topic, partition, lag }) => [topic, partition, lag]), [['reviews.v1', 2, '42']]),
    3: (rows) => assert.deepEqual(rows.map(({ topic, partition }) => [topic, partition]), [['reviews.v1', 2]], 'its newest commit is an hour old'),
    4: (rows) => assert.deepEqual(rows.map(({ product_name: name, severity, status }) => [name, severity, status]), [['Pocket Ledger', 8, 'worsening'], ['Aurora Kettle 1.7', 5, 'easing']]),
    5: (rows) => {
      assert.deepEqual(column(rows, 'over_represented'), ['4.2.0', 'crashes', 'login', 'DE']);
      assert.ok(rows.every(({ product_name: name, channel, observed, expected }) => name === 'Pocket Ledger' && channel === 'count' && Number(observed) > 3 * Number(expected)));
    },
    6: (rows) => {
      assert.deepEqual(column(rows, 'rank'), [1, 2, 3]);
      assert.match(String(rows[0]!['words']), /crashes, login/);
    },
    7: (rows) => {
      assert.deepEqual([rows.length, rows[0]!['review_id'], rows[0]!['product_id']], [1, variables['review'], 'prd-003']);
      for (const name of ['text', 'p_negative', 'top_words', 'model_id', 'topic', 'offset']) assert.notEqual(rows[0]![name], null, name);
    },
    8: (rows) => {
      assert.equal(rows.length, 20);
      falls(rows.map(({ moved }) => Math.abs(Number(moved))));
      assert.ok(Math.abs(Number(rows[0]!['moved'])) > 0.1);
    },
    9: (rows) => assert.deepEqual(rows.map(({ stream, model_id: model, scored }) => [stream, model, scored]), [['quotes', 'quotes-2026-11-d4e5f6', '1200'], ['reviews', 'reviews-2026-11-a1b2c3', String(reviews)]]),
    10: (rows) => assert.deepEqual(column(rows, 'policy'), ['first', 'first']),
    11: (rows) => {
      const sum = (name: string) => rows.reduce((total, row) => total + Number(row[name]), 0);
      assert.deepEqual(['alarms', 'judged', 'false_alarms', 'real'].map(sum), [4, 2, 1, 1]);
    },
    12: (rows) => {
      assert.equal(rows.length, 4);
      assert.deepEqual(rows.map(({ judged_false: n }) => Number(n)).sort(), [0, 0, 0, 1]);
      assert.ok(rows.every((row) => Math.abs(Number(row['false_alarms_allowed_a_quarter']) - 1) < 1e-9));
    },
    13: (rows) => assert.deepEqual([rows[0]!['acknowledged'], rows[0]!['median_wait'] !== null], ['1', true]),
    14: (rows) => assert.deepEqual(rows.map(({ by, action, verdict }) => [by, action, verdict]), [['Mia', 'acknowledge', null], ['Mia', 'note', null], ['Ann', 'feedback', 'real']]),
    15: (rows) => {
      assert.deepEqual(column(rows, 'code'), ['far_future', 'invalid_json', 'out_of_range', 'tombstone']);
      assert.ok(rows.every(({ letters, not_tried_again: left, newest_reason: reason }) => letters === '1' && left === '1' && String(reason).length > 20));
    },
    16: (rows) => assert.deepEqual(column(rows, 'missing'), ['4']),
    17: (rows) => assert.deepEqual(column(rows, 'stream'), ['quotes']),
    18: (rows) => {
      const moved = ({ share, share_before: earlier }: Row) => Number(share) - Number(earlier);
      assert.ok(rows.length > 3);
      assert.deepEqual(rows.map((row) => [row['product_id'], Number(row['negatives'])]), worsened.map(({ product, negatives }) => [product, negatives]));
      rows.forEach((row, n) => assert.ok(Math.abs(moved(row) - worsened[n]!.by) < 1e-9));
    },
    19: (rows) => {
      assert.equal(rows.length, 24);
      assert.ok(rows.every(({ stated }) => stated === 0.9));
    },
    20: (rows) => {
      assert.equal(rows.length, 48);
      assert.ok(rows.every(({ verdict }) => ['better', 'worse', 'level', 'too few'].includes(String(verdict))));
    },
    21: (rows) => assert.deepEqual(rows.map((row) => [row['name'], row['times'], Number(row['reviews']), Number(row['factor'])]), [['Midsummer', '1', holiday.reviews, Math.round(100 * holiday.factor) / 100]]),
  };

  it('are twenty-one, each with what it must give', () => {
    assert.deepEqual(questions.map(({ number }) => number), Array.from({ length: 21 }, (_, n) => n + 1));
    assert.deepEqual(Object.keys(EXPECTED).map(Number), questions.map(({ number }) => number));
  });

  for (const { number, title, sql } of questions) {
    it(`${number}. ${title}`, async () => {
      assert.doesNotMatch(sql, /internal\./);
      const { rows } = await reader.query<Row>(sql.replace(/:'(\w+)'/g, (_, name: string) => `'${variables[name]!.replaceAll("'", "''")}'`));
      EXPECTED[number]!(rows);
    });
  }
});
