import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from './logger.js';

describe('a log line', () => {
  const lines: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => lines.push(line) });

  it('is JSON, prints offsets whole, and names its level', () => {
    logger.info({ offset: 9_007_199_254_740_993n }, 'committed');
    const { level, name, offset, msg } = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    assert.deepEqual([level, name, offset, msg], ['info', 'test', '9007199254740993', 'committed']);
  });

  it('keeps hostile text to one line that no terminal obeys, and loses nothing of it', () => {
    const hostile = ['<script>alert(1)</script>', '[a](javascript:alert(1))', '=1+1', '\u001b[2J\u009b31m\u0007', '\u202eevil\u2066\u200f', `e${'\u0301'.repeat(10_000)}`, 'one\r\n{"level":"fatal"}\u2028', '\ud83d\ude00 caf\u00e9 e\u0301'];
    for (const text of hostile) {
      logger.warn({ surge: text }, text);
      const line = lines.at(-1)!;
      assert.doesNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{M}{5}/u);
      const { msg, surge } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual([msg, surge], [text, text]);
    }
  });
});
