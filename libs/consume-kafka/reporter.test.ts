import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PositionReporter } from './reporter.js';

const partition = (number: number) => ({ topic: 't', partition: number });

describe('PositionReporter', () => {
  it('sends what advanced in one turn together, holds the rest back, and sends the newest of each when flushed', async () => {
    const sent: string[][] = [];
    const reporter = new PositionReporter(async (positions) => void sent.push(positions.map(({ partition: number, offset }) => `${number}:${offset}`)), () => undefined);
    reporter.report(partition(0), 1n);
    reporter.report(partition(1), 4n);
    await new Promise(setImmediate);
    for (let next = 2n; next < 50n; next += 1n) reporter.report(partition(0), next);
    await new Promise(setImmediate);
    assert.deepEqual(sent, [['0:1', '1:4']]);
    await reporter.flushed();
    assert.deepEqual(sent, [['0:1', '1:4'], ['0:49']]);
  });

  it('goes on after a report that failed', async () => {
    const faults: string[] = [];
    let refuse = true;
    const sent: string[] = [];
    const reporter = new PositionReporter(async (positions) => {
      if (refuse) throw new Error('no coordinator');
      sent.push(positions[0]!.offset);
    }, (error) => faults.push(error.message));
    reporter.report(partition(0), 1n);
    await new Promise(setImmediate);
    refuse = false;
    reporter.report(partition(0), 2n);
    await reporter.flushed();
    assert.deepEqual([faults, sent], [['no coordinator'], ['2']]);
  });
});
