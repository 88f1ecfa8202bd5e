import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitBeforeRetry } from './retry.js';
import { PipelineFault } from './wire/pipeline.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('waitBeforeRetry', () => {
  it('knows what passes by itself: shutdown, deadlock, full disk, a refused or lost connection', () => {
    for (const code of ['57P01', '57P03', '40P01', '40001', '53100', '08006', 'ECONNREFUSED', 'ECONNRESET']) assert.ok(waitBeforeRetry(withCode(code)) !== null, code);
    assert.ok(waitBeforeRetry(new Error('Connection terminated unexpectedly')) !== null);
  });

  it('gives up at once on everything else', () => {
    for (const fault of [withCode('42P01'), withCode('23505'), withCode('28P01'), new Error('out of luck'), 'text']) assert.equal(waitBeforeRetry(fault), null);
  });

  it('looks through the wrapper that names the statement', () => {
    assert.equal(waitBeforeRetry(new PipelineFault('write states', withCode('53100'))), 5000);
  });
});
