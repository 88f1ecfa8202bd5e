import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventTimeReached } from './event-time.js';

const NOW = 10_000_000;

describe('eventTimeReached', () => {
  it('is unknown before the first event', () => {
    assert.equal(eventTimeReached([], NOW), null);
    assert.equal(eventTimeReached([{ watermark: null, lag: 3n, committedAt: null }], NOW), null);
  });

  it('is held back by the slowest partition that still has messages', () => {
    assert.equal(eventTimeReached([
      { watermark: 500, lag: 2n, committedAt: NOW }, { watermark: 900, lag: 0n, committedAt: NOW }, { watermark: 700, lag: 1n, committedAt: NOW },
    ], NOW), 500);
  });

  it('is the newest event once caught up', () => {
    assert.equal(eventTimeReached([{ watermark: 500, lag: 0n, committedAt: NOW }, { watermark: 900, lag: 0n, committedAt: NOW - 29_000 }], NOW), 900);
  });

  it('goes on at the clock\'s speed while the stream is silent, never past the clock', () => {
    const silent = (committedAt: number, watermark: number) => eventTimeReached([{ watermark, lag: 0n, committedAt }], NOW);
    assert.equal(silent(NOW - 90_000, 900), 900 + 60_000);
    assert.equal(silent(NOW - 90_000, NOW - 10), NOW);
  });
});
