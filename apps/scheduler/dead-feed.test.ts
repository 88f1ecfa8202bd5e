import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeFeed } from './dead-feed.js';

const LIMIT = 1_000;

describe('judgeFeed', () => {
  it('says nothing of a feed that never brought anything', () => {
    assert.equal(judgeFeed({ stream: 'reviews', lastCommit: null, flagged: false }, 1e9, LIMIT).kind, 'none');
  });

  it('flags a feed just past the limit, not at it', () => {
    assert.equal(judgeFeed({ stream: 'reviews', lastCommit: 500, flagged: false }, 1_500, LIMIT).kind, 'none');
    assert.deepEqual(judgeFeed({ stream: 'reviews', lastCommit: 500, flagged: false }, 1_501, LIMIT), { kind: 'flag', silentSince: 500 });
  });

  it('flags once and takes the flag back with the next message', () => {
    assert.equal(judgeFeed({ stream: 'reviews', lastCommit: 500, flagged: true }, 9_000, LIMIT).kind, 'none');
    assert.equal(judgeFeed({ stream: 'reviews', lastCommit: 8_900, flagged: true }, 9_000, LIMIT).kind, 'clear');
  });
});
