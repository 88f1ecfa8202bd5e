import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedRows } from './refused-rows.js';

describe('refused rows', () => {
  it('are told with file, line, reason and code, twenty of them, and then how many more there were', () => {
    const said: string[] = [];
    const refused = new RefusedRows((line) => said.push(line));
    for (let line = 1; line <= 23; line += 1) refused.add({ file: 'a.csv', line, code: line % 2 === 0 ? 'even' : null, reason: 'Found nothing.' });
    refused.end('refused.jsonl');
    assert.deepEqual(said.slice(0, 2), ['a.csv:1 refused: Found nothing.', 'a.csv:2 refused: Found nothing. (even)']);
    assert.deepEqual(said.slice(20), ['3 further rows were refused; all of them are in refused.jsonl']);
    assert.deepEqual([refused.count, refused.byCode, refused.first.length], [23, { even: 11 }, 20]);
  });

  it('are not mentioned where there are none', () => {
    const refused = new RefusedRows(() => assert.fail('nothing to tell'));
    refused.end();
    assert.equal(refused.count, 0);
  });
});
