import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crashTest } from './crash-test.js';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const say = (line: string) => process.stderr.write(`    crash test: ${line}\n`);

describe('a stream disturbed by kills, zombies and rebalances', () => {
  it('leaves the same bytes in every table as the undisturbed stream', async () => {
    const result = await crashTest({ kills: 25, seed: 20_261, brokers, reviewWorker: 'apps/review-worker/main.js', say });
    assert.ok(result.kills >= 25);
    assert.equal(result.difference, '');
  });

  it('is told from a commit that writes the position in a second transaction', async () => {
    const outcome = await crashTest({ kills: 12, seed: 20_262, brokers, reviewWorker: 'test/flow/crash/broken-worker.js', say })
      .then((result) => result.difference, (error: Error) => error.message);
    assert.notEqual(outcome, '', 'the broken commit went unnoticed: the crash test proves nothing');
    say(`caught: ${outcome.split('\n')[0]}`);
  });
});
