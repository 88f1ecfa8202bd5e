import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERROR_CODES, TidewatchError } from './errors.js';

describe('TidewatchError', () => {
  it('knows from its code whether trying again can help', () => {
    for (const [code, { retryable }] of Object.entries(ERROR_CODES)) {
      assert.equal(new TidewatchError(code as keyof typeof ERROR_CODES, 'x').retryable, retryable);
    }
  });

  it('keeps cause and place', () => {
    const cause = new Error('socket closed');
    const error = new TidewatchError('BROKER_UNAVAILABLE', 'no answer', { cause, place: { topic: 'reviews.v1', offset: 7n } });
    assert.equal(error.cause, cause);
    assert.equal(error.place.offset, 7n);
  });
});
