import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeRecord, readRecord } from './record.js';

const bytes = fc.option(fc.uint8Array({ maxLength: 60 }), { nil: null });
const message = fc.record({ key: fc.option(fc.string({ unit: 'binary' }), { nil: null }), value: bytes, timestamp: fc.integer({ min: 0, max: 4e12 }) });

describe('a record of the file log', () => {
  it('gives back what was written, absent and empty told apart', () => {
    fc.assert(fc.property(message, fc.nat(20), (sent, before) => {
      const file = Buffer.concat([Buffer.alloc(before, 7), encodeRecord(sent, 0), Buffer.alloc(5)]);
      const read = readRecord(file, before);
      assert.equal(read.kind, 'record');
      assert.deepEqual(read.record.key === null ? null : Buffer.from(read.record.key).toString('utf8'), sent.key === null ? null : Buffer.from(sent.key, 'utf8').toString('utf8'));
      assert.deepEqual(read.record.value === null ? null : new Uint8Array(read.record.value), sent.value);
      assert.equal(read.record.timestamp, sent.timestamp);
      assert.equal(read.record.end, file.length - 5);
    }));
  });

  it('cut at any byte is incomplete', () => {
    fc.assert(fc.property(message, (sent) => {
      const whole = encodeRecord(sent, 0);
      for (let length = 0; length < whole.length; length += 1) assert.equal(readRecord(whole.subarray(0, length), 0).kind, 'incomplete');
    }), { numRuns: 30 });
  });

  it('with any bit flipped is never read as a record', () => {
    fc.assert(fc.property(message, fc.nat(), fc.nat(7), (sent, place, bit) => {
      const spoiled = encodeRecord(sent, 0);
      spoiled[place % spoiled.length]! ^= 1 << bit;
      assert.notEqual(readRecord(spoiled, 0).kind, 'record');
    }));
  });

  it('takes the given time when the message has none', () => {
    const read = readRecord(encodeRecord({ key: null, value: null }, 1234), 0);
    assert.equal(read.kind === 'record' && read.record.timestamp, 1234);
  });
});
