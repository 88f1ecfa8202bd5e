import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { backtestCounts } from './backtest-counts.js';

describe('backtest counts', () => {
  let folder = '';
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'counts-'))));
  after(() => rm(folder, { recursive: true }));
  const run = async (content: string) => {
    await writeFile(join(folder, 'in.csv'), content);
    await backtestCounts(join(folder, 'in.csv'), { out: join(folder, 'out.csv') });
    return (await readFile(join(folder, 'out.csv'), 'utf8')).trim().split('\n');
  };

  it('writes every usable point with a score from 0 to 1, highest at the burst, and leaves bad lines out', async () => {
    const rows = Array.from({ length: 400 }, (_, t) => `2015-02-26 00:${t},${t === 300 ? 400 : 10 + ((t * 7919) % 7)}`);
    const out = await run(['timestamp,value', ...rows, '2015-02-27,much'].join('\n'));
    assert.equal(out[0], 'timestamp,value,anomaly_score');
    assert.equal(out.length, 401);
    const scores = out.slice(1).map((line) => Number(line.split(',')[2]));
    assert.ok(scores.every((score) => score >= 0 && score <= 1));
    assert.equal(scores.indexOf(Math.max(...scores)), 300);
  });

  it('says which columns it expected', async () => {
    await assert.rejects(run('time,count\n1,2\n'), /expected timestamp and value/);
  });
});
