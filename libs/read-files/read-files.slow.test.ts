import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { TidewatchError } from '#contracts';
import { openInputFile, openInputStream, type FileRow } from './index.js';

let folder = '';
before(async () => { folder = await mkdtemp(join(tmpdir(), 'read-files-')); });
after(async () => { await rm(folder, { recursive: true }); });

async function rowsOf(content: string | Buffer, name = 'rows'): Promise<{ rows: FileRow[]; file: Awaited<ReturnType<typeof openInputFile>> }> {
  const path = join(folder, name);
  await writeFile(path, content);
  const file = await openInputFile(path);
  const rows: FileRow[] = [];
  for await (const batch of file.batches()) rows.push(...batch);
  return { rows, file };
}
const lines = (rows: readonly FileRow[]) => rows.map((row) => row.line);
const fields = (rows: readonly FileRow[]) => rows.map((row) => ({ ...row.fields }));
const refuses = (content: string | Buffer, words: RegExp) => assert.rejects(rowsOf(content), (error: unknown) => {
  assert.ok(error instanceof TidewatchError && error.code === 'INPUT_FILE_INVALID', String(error));
  assert.match(error.message, words);
  return true;
});

describe('reading rows from files', () => {
  it('reads JSON lines with their line numbers and bytes, blank lines and Windows line ends included', async () => {
    const { rows, file } = await rowsOf('\ufeff{"a":1}\r\n\n  \n{"a":"é"}\n[1]\n{"a":\n{"b":2}');
    assert.equal(file.format, 'jsonl');
    assert.deepEqual(lines(rows), [1, 4, 5, 6, 7]);
    assert.deepEqual(rows.map((row) => row.fields), [{ a: 1 }, { a: 'é' }, null, null, { b: 2 }]);
    assert.deepEqual(rows.map((row) => Buffer.from(row.raw!).toString()), ['{"a":1}', '{"a":"é"}', '[1]', '{"a":', '{"b":2}']);
  });

  it('knows gzip by its first bytes, several members included', async () => {
    const { rows, file } = await rowsOf(Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')]), 'no-such-ending.txt');
    assert.ok(file.gzip);
    assert.deepEqual(fields(rows), [{ a: 1 }, { a: 2 }]);
    assert.equal(file.bytesRead(), file.bytes);
  });

  it('reads a pipe as it reads a file, plain and gzip, in chunks of any size', async () => {
    const text = '\ufeff{"a":1}\n{"a":"é"}\n\n{"a":3}';
    for (const content of [Buffer.from(text), gzipSync(text)]) {
      for (const size of [1, 7, 1000]) {
        const chunks = Array.from({ length: Math.ceil(content.length / size) }, (_, i) => content.subarray(i * size, (i + 1) * size));
        const file = await openInputStream('stdin', Readable.from(chunks));
        const rows: FileRow[] = [];
        for await (const batch of file.batches()) rows.push(...batch);
        assert.deepEqual([fields(rows), lines(rows), file.bytesRead()], [[{ a: 1 }, { a: 'é' }, { a: 3 }], [1, 2, 4], content.length]);
      }
    }
    await assert.rejects(openInputStream('stdin', Readable.from([])), /stdin is empty/);
  });

  it('reads the same rows however the file is long', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ text: fc.string({ unit: 'binary', maxLength: 40 }) }), { minLength: 1, maxLength: 30 }), fc.nat(9), async (list, repeat) => {
      const many = Array.from({ length: repeat * 300 + 1 }, () => list).flat();
      const { rows } = await rowsOf(many.map((item) => JSON.stringify(item)).join('\n'));
      assert.deepEqual(rows.map((row) => row.fields), JSON.parse(JSON.stringify(many)));
      assert.deepEqual(lines(rows), many.map((_, i) => i + 1));
    }), { numRuns: 25 });
  });

  it('refuses one line that is too long or not UTF-8, and reads the others', async () => {
    const { rows } = await rowsOf(Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.alloc(5_000_000, 0x78), Buffer.from('"}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n{"a":2}\n')]));
    assert.deepEqual(lines(rows), [1, 2, 3, 4]);
    assert.match(rows[1]!.fault!, /more than 4194304 bytes/);
    assert.deepEqual([rows[2]!.fields, rows[2]!.fault], [null, null]);
    assert.deepEqual(rows[3]!.fields, { a: 2 });
  });

  it('reads CSV with quotes, line breaks inside cells, empty cells and blank lines, and says where each row begins', async () => {
    const { rows, file } = await rowsOf('symbol,"the ""name""",note\nA,"x, y","two\nlines"\n\nB,ü,\nC,,"q""q"\n');
    assert.equal(file.format, 'csv');
    assert.deepEqual(file.columns, ['symbol', 'the "name"', 'note']);
    assert.deepEqual(fields(rows), [{ symbol: 'A', 'the "name"': 'x, y', note: 'two\nlines' }, { symbol: 'B', 'the "name"': 'ü' }, { symbol: 'C', note: 'q"q' }]);
    assert.deepEqual(lines(rows), [2, 5, 6]);
  });

  it('reads CSV separated by semicolons or tabs', async () => {
    assert.deepEqual(fields((await rowsOf('a;b\n1,5;2\n')).rows), [{ a: '1,5', b: '2' }]);
    assert.deepEqual(fields((await rowsOf('a\tb\n1,5\t2\n')).rows), [{ a: '1,5', b: '2' }]);
  });

  it('refuses one CSV record with a wrong number of cells, bad quotes or bad bytes, and reads the others', async () => {
    const { rows } = await rowsOf(Buffer.concat([Buffer.from('a,b\n1,2\n3\n4,x"y\n5,'), Buffer.from([0xff]), Buffer.from('\n6,7\n')]));
    assert.deepEqual(rows.filter((row) => row.fault === null).map((row) => row.fields), [{ a: '1', b: '2' }, { a: '6', b: '7' }].map((row) => ({ ...row })));
    const faults = rows.filter((row) => row.fault !== null);
    assert.deepEqual(faults.map((row) => row.line), [3, 4, 5]);
    assert.match(faults[0]!.fault!, /1 cells; expected 2/);
    assert.match(faults[1]!.fault!, /not CSV/);
    assert.match(faults[2]!.fault!, /not UTF-8 in column b/);
  });

  it('keeps what stands before a quote that is never closed', async () => {
    const { rows } = await rowsOf(`a,b\n1,2\n3,"4\n${'5,6\n'.repeat(100)}`);
    assert.deepEqual(rows[0]!.fields, { a: '1', b: '2' });
    assert.equal(rows.length, 2);
    assert.match(rows[1]!.fault!, /not CSV/);
  });

  it('says what a file is that it cannot read, and what to do', async () => {
    await refuses('', /is empty/);
    await refuses('[{"a":1}]', /JSON array.*jq/);
    await refuses(Buffer.from('a,b\n1,2', 'utf16le'), /not text/);
    await refuses(Buffer.from('\ufeffa,b\n1,2', 'utf16le'), /UTF-16.*iconv/);
    await refuses(Buffer.from('PK\u0003\u0004rest'), /zip archive/);
    await refuses('a,a\n1,2\n', /two columns named "a"/);
    await refuses('a,,c\n1,2,3\n', /without a name/);
    await refuses('a,__proto__\n1,2\n', /__proto__/);
    await refuses(gzipSync('{"a":1}\n'.repeat(1000)).subarray(0, 40), /cannot be read to its end/);
    await assert.rejects(openInputFile(join(folder, 'absent')), /ENOENT.*Check the path/);
    await assert.rejects(openInputFile(folder), /is a folder/);
  });
});
