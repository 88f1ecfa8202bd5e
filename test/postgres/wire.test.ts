/** Every binary type is read back by Postgres itself, through COPY and through array parameters alike. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { useTestDatabase } from '#testkit';
import { Sessions } from '../../libs/commit-postgres/session.js';
import { ByteWriter } from '../../libs/commit-postgres/wire/byte-writer.js';
import { arrayOf, bool, bytea, column, float4Array, float8, int4, int8, jsonb, scalar, text, timestamptz } from '../../libs/commit-postgres/wire/cells.js';
import { Pipeline } from '../../libs/commit-postgres/wire/pipeline.js';
import { copyInto, statement, statementOverRows } from '../../libs/commit-postgres/wire/statements.js';

interface Row {
  readonly id: number;
  readonly big: bigint | null;
  readonly ratio: number | null;
  readonly yes: boolean | null;
  readonly at: number | null;
  readonly bytes: Uint8Array | null;
  readonly words: string | null;
  readonly json: string | null;
  readonly reals: Float32Array | null;
}

const columns = [
  column<Row, number>('id', int4, ({ id }) => id),
  column<Row, bigint>('big', int8, ({ big }) => big),
  column<Row, number>('ratio', float8, ({ ratio }) => ratio),
  column<Row, boolean>('yes', bool, ({ yes }) => yes),
  column<Row, number>('at', timestamptz, ({ at }) => at),
  column<Row, Uint8Array>('bytes', bytea, ({ bytes }) => bytes),
  column<Row, string>('words', text, ({ words }) => words),
  column<Row, string>('json', jsonb, ({ json }) => json),
];
const reals = column<Row, ArrayLike<number>>('reals', float4Array, (row) => row.reals);
const names = columns.map(({ name }) => `"${name}"`).join(', ');
const copyRows = copyInto<Row>('wire', [...columns, reals]);
const insertRows = statementOverRows('insert', columns, (given) => `INSERT INTO wire (${names}) SELECT ${names} FROM ${given}`);

const nothing: Row = { id: 0, big: null, ratio: null, yes: null, at: null, bytes: null, words: null, json: null, reals: null };
const SQL = `SELECT id, big::text, ratio, yes, extract(epoch FROM at) * 1000000 AS micros, bytes, words, json, reals::float8[] AS reals FROM wire ORDER BY id`;

describe('the wire format', () => {
  const database = useTestDatabase({ migrated: false });
  const table = 'CREATE TABLE IF NOT EXISTS wire (id int, big bigint, ratio float8, yes boolean, at timestamptz, bytes bytea, words text, json jsonb, reals real[]); TRUNCATE wire';

  const odd: Row[] = [
    nothing,
    { id: -2147483648, big: -9223372036854775808n, ratio: -0, yes: false, at: Date.UTC(1970, 0, 1), bytes: new Uint8Array(0), words: '', json: '{}', reals: new Float32Array(0) },
    { id: 2147483647, big: 9223372036854775807n, ratio: 5e-324, yes: true, at: 1716000000123.456, bytes: Uint8Array.of(0, 255, 92, 128), words: 'naïve 日本 \u{1f600}\u200d\u{1f525} "\\\t\n', json: '{"a":[1,null,"\\u00e9 \u{1f600}"],"__proto__":1}', reals: Float32Array.of(0.1, -3.5, Infinity) },
    { id: 7, big: 4294967296n, ratio: 1.7976931348623157e308, yes: null, at: -1.5e12, bytes: new Uint8Array(5000).fill(7), words: 'x'.repeat(40_000), json: '"text"', reals: Float32Array.of(1) },
  ];

  for (const way of ['COPY', 'array parameters'] as const) {
    it(`carries every type through ${way}, null included`, async () => {
      const client = await database.connect();
      await client.query(table);
      const pipeline = new Pipeline(new ByteWriter(64), new Set());
      if (way === 'COPY') pipeline.copy(copyRows, odd);
      else pipeline.add(insertRows, columns.map((each) => arrayOf(each, odd)));
      await pipeline.run(client);
      const { rows } = await client.query<Record<string, unknown>>(SQL);
      const sorted = odd.toSorted((a, b) => a.id - b.id);
      rows.forEach((row, i) => {
        const sent = sorted[i]!;
        assert.equal(row['id'], sent.id);
        assert.equal(row['big'], sent.big === null ? null : String(sent.big));
        assert.ok(Object.is(row['ratio'], sent.ratio), `${String(row['ratio'])} for ${sent.ratio}`);
        assert.equal(row['yes'], sent.yes);
        assert.equal(row['micros'] === null ? null : Number(row['micros']), sent.at === null ? null : Math.round(sent.at * 1000));
        assert.deepEqual(row['bytes'] === null ? null : new Uint8Array(row['bytes'] as Buffer), sent.bytes);
        assert.equal(row['words'], sent.words);
        assert.deepEqual(row['json'], sent.json === null ? null : JSON.parse(sent.json));
        if (way === 'COPY') assert.deepEqual(row['reals'], sent.reals === null ? null : [...sent.reals]);
      });
      assert.equal(rows.length, odd.length);
    });
  }

  it('replaces what Postgres cannot hold, in text and jsonb alike', async () => {
    const client = await database.connect();
    await client.query(table);
    const pipeline = new Pipeline(new ByteWriter(), new Set());
    const bad = 'a\0b\ud83dc\ude00';
    pipeline.copy(copyRows, [{ ...nothing, words: bad, json: JSON.stringify({ [bad]: bad }) }]);
    await pipeline.run(client);
    const good = 'a\ufffdb\ufffdc\ufffd';
    assert.deepEqual((await client.query('SELECT words, json FROM wire')).rows, [{ words: good, json: { [good]: good } }]);
  });

  it('stores any text and any JSON that JavaScript can hold', async () => {
    const client = await database.connect();
    const prepared = new Set<string>();
    const unit = fc.oneof(fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), fc.constantFrom('\0', '\ud800', '\udfff', '\\', '"'));
    const texts = fc.array(fc.string({ unit, maxLength: 60 }), { minLength: 1, maxLength: 30 });
    await fc.assert(fc.asyncProperty(texts, fc.array(fc.jsonValue(), { maxLength: 5 }), async (words, values) => {
      await client.query(table);
      const pipeline = new Pipeline(new ByteWriter(16), prepared);
      const json = JSON.stringify(values);
      pipeline.copy(copyRows, words.map((each, id) => ({ ...nothing, id, words: each, json })));
      await pipeline.run(client);
      const { rows } = await client.query<{ words: string }>('SELECT words FROM wire ORDER BY id');
      assert.deepEqual(rows.map((row) => row.words), words.map((each) => Buffer.from(each.replaceAll('\0', '\ufffd')).toString()));
    }), { numRuns: 60 });
  });

  it('stops at the first failing statement, says which, and leaves the connection usable', async () => {
    const client = await database.connect();
    await client.query(table);
    const pipeline = new Pipeline(new ByteWriter(), new Set());
    pipeline.add(statement('begin', 'BEGIN'));
    pipeline.copy(copyRows, [nothing]);
    pipeline.add(statement('divide', 'SELECT 1 / 0'));
    pipeline.copy(copyRows, [nothing]);
    pipeline.add(statement('commit', 'COMMIT'));
    await assert.rejects(pipeline.run(client), { statement: 'divide', message: /division by zero/ });
    await client.query('ROLLBACK');
    assert.deepEqual((await client.query('SELECT count(*)::int AS n FROM wire')).rows, [{ n: 0 }]);
  });

  it('drops the COPY data behind a statement that failed to start', async () => {
    const client = await database.connect();
    const pipeline = new Pipeline(new ByteWriter(), new Set());
    pipeline.copy(copyInto<Row>('no_such_table', columns), [nothing, nothing]);
    await assert.rejects(pipeline.run(client), { statement: 'copy into no_such_table' });
    assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
  });

  it('prepares a statement once on a connection, and anew after a pipeline that failed', async () => {
    const sessions = new Sessions({ databaseUrl: database.url, poolSize: 1, statementTimeoutMs: 30_000 });
    const half = statement('halve', 'SELECT 100 / $1::int', [int4]);
    const halve = (by: number) => sessions.transaction((to) => to.add(half, [scalar(int4, by)]));
    const known = async () => (await sessions.pool.query<{ statement: string }>("SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT 100%'")).rows.length;
    try {
      for (let turn = 0; turn < 8; turn += 1) assert.deepEqual((await halve(2))[1], [['50']]);
      assert.equal(await known(), 1);
      await assert.rejects(halve(0), { statement: 'halve', message: /division by zero/ });
      assert.equal(await known(), 0);
      assert.deepEqual((await halve(4))[1], [['25']]);
      await assert.rejects(sessions.run(() => { throw new Error('no bytes'); }), /no bytes/);
      assert.deepEqual((await halve(5))[1], [['20']]);
    } finally {
      await sessions.pool.end();
    }
  });
});
