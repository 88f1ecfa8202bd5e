import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { dropCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';

describe('a checkpoint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  const path = join(folder, 'deeper', 'stopped');
  after(() => rmSync(folder, { recursive: true }));

  it('comes back as it was written, to the bit', () => {
    const arrays = { a: Float32Array.of(1.1, -0, 1e-40), b: new Float32Array(0) };
    writeCheckpoint(path, { numbers: { epoch: 3 }, arrays });
    const read = readCheckpoint<{ epoch: number }>(path)!;
    assert.equal(read.numbers.epoch, 3);
    assert.deepEqual(read.arrays, arrays);
    assert.deepEqual(readdirSync(join(folder, 'deeper')), ['stopped']);
  });

  it('that is damaged is refused with what to do', () => {
    writeFileSync(path, Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    assert.throws(() => readCheckpoint(path), /train again without --resume/);
  });

  it('is null where there is none', () => {
    dropCheckpoint(path);
    assert.equal(readCheckpoint(path), null);
  });
});
