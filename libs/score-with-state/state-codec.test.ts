import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { type EntityState, type StateTensorSpec, type StoredState, TidewatchError } from '#contracts';
import { replaceTracker, restoreState, storeState, type TrackerCodec } from './index.js';

const tensors: StateTensorSpec[] = [
  { name: 'memory', next: 'memory_next', type: 'float32', shape: [2, 3] },
  { name: 'h', next: 'h_next', type: 'float32', shape: [4] },
  { name: 'count', next: 'count_next', type: 'float32', shape: [] },
];
const codec: TrackerCodec<{ n: number }> = {
  format: 2,
  encode: (tracker) => Buffer.from(JSON.stringify(tracker)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as { n: number },
};
const floats = (length: number) => fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: length, maxLength: length }).map((v) => Float32Array.from(v));
const states: fc.Arbitrary<EntityState<{ n: number }>> = fc.record({
  entity: fc.string(), version: fc.bigInt({ min: 0n, max: 2n ** 60n }), modelId: fc.string(), snapshotId: fc.bigInt({ min: 0n, max: 2n ** 60n }),
  label: fc.option(fc.string()), lastEventAt: fc.option(fc.integer()),
  hidden: fc.record({ memory: floats(6), h: floats(4), count: floats(1) }, { noNullPrototype: true }),
  tracker: fc.record({ n: fc.integer() }, { noNullPrototype: true }),
}, { noNullPrototype: true });
const sample: EntityState<{ n: number }> = {
  entity: 'B00L9EPT8O', version: 41n, modelId: 'reviews-0', snapshotId: 2n, label: 'Echo (weiß)', lastEventAt: 1_450_000_000_123,
  hidden: { memory: Float32Array.of(1, -2, 3.5, 1e-40, -0, 3.4e38), h: Float32Array.of(0.1, 0.2, 0.3, 0.4), count: Float32Array.of(41) },
  tracker: { n: 7 },
};
const fails = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TidewatchError);
  assert.equal(error.code, code);
  assert.match(error.message, pattern);
  return true;
};

describe('storeState and restoreState', () => {
  it('tell the norm of the hidden part beside what is told of the tracker, whoever writes', () => {
    const norm = Math.sqrt(Object.values(sample.hidden).flatMap((values) => [...values]).reduce((sum, value) => sum + value * value, 0));
    const stored = storeState(sample, codec, { share: 0.1 });
    for (const { summary } of [stored, replaceTracker(stored, { n: 4 }, codec, { share: 0.1 })]) {
      const { share, hiddenNorm } = JSON.parse(summary) as { share: number; hiddenNorm: number };
      assert.equal(share, 0.1);
      assert.ok(Math.abs(hiddenNorm - norm) < 1e-5 * norm, `${hiddenNorm} of ${norm}`);
    }
  });

  it('give back every state to the last bit, from bytes at any alignment', () => {
    fc.assert(fc.property(states, fc.nat(7), (state, shift) => {
      const stored = storeState(state, codec, {});
      const moved = new Uint8Array(new ArrayBuffer(stored.hidden.length + shift), shift);
      moved.set(stored.hidden);
      assert.deepEqual(restoreState({ ...stored, hidden: moved }, tensors, codec), state);
    }));
  });

  it('write the same bytes whatever the order of the tensors', () => {
    const turned = { ...sample, hidden: Object.fromEntries(Object.entries(sample.hidden).reverse()) };
    assert.deepEqual(storeState(turned, codec, {}), storeState(sample, codec, {}));
  });

  it('let time change the tracker alone: the row still fits its checksum, and nothing else has moved', () => {
    fc.assert(fc.property(states, fc.integer(), (state, n) => {
      const changed = replaceTracker(storeState(state, codec, {}), { n }, codec, { n: 1 });
      assert.deepEqual(restoreState(changed, tensors, codec), { ...state, version: state.version + 1n, tracker: { n } });
    }));
  });

  it('notice every flipped bit of hidden state and tracker', () => {
    const stored = storeState(sample, codec, {});
    fc.assert(fc.property(fc.constantFrom('hidden', 'tracker'), fc.nat(), fc.nat(7), (part: 'hidden' | 'tracker', position, bit) => {
      const bytes = Uint8Array.from(stored[part]);
      bytes[position % bytes.length]! ^= 1 << bit;
      assert.throws(() => restoreState({ ...stored, [part]: bytes }, tensors, codec), fails('STATE_CORRUPT', /checksum/));
    }));
  });

  it('notice bytes that are missing even where the checksum was made for what is left', () => {
    const trackerless: typeof codec = { ...codec, encode: () => new Uint8Array(0), decode: () => ({ n: 7 }) };
    const stored = storeState(sample, trackerless, {});
    for (let length = 0; length < stored.hidden.length; length += 1) {
      const hidden = stored.hidden.slice(0, length);
      assert.throws(() => restoreState({ ...stored, hidden, checksum: crc32(hidden) }, tensors, trackerless), fails('STATE_CORRUPT', /holds the tensors/));
    }
  });

  it('name the tensors that differ from the model', () => {
    const stored = storeState(sample, codec, {});
    const other = [tensors[0]!, { ...tensors[1]!, shape: [8] }];
    assert.throws(() => restoreState(stored, other, codec), fails('STATE_CORRUPT', /holds the tensors count\[1\], h\[4\], memory\[6\].*the model's are h\[8\], memory\[6\]/));
  });

  it('leave the hidden part unread for another model, and still check its bytes', () => {
    const stored = storeState(sample, codec, {});
    assert.deepEqual(restoreState(stored, null, codec), { ...sample, hidden: {} });
    assert.throws(() => restoreState({ ...stored, hidden: stored.hidden.slice(1) }, null, codec), fails('STATE_CORRUPT', /checksum/));
  });

  it('refuse a format that is newer, and one that never was', () => {
    const stored = storeState(sample, codec, {});
    assert.equal(stored.format, 1002);
    for (const format of [1003, 2001, 1000, 0, 2]) {
      assert.throws(() => restoreState({ ...stored, format }, tensors, codec), fails('STATE_FORMAT_UNKNOWN', /reads 1001 to 1002/));
    }
  });

  it('tell the tracker which format it is reading', () => {
    const stored = { ...storeState(sample, codec, {}), format: 1001 };
    assert.deepEqual(restoreState(stored, tensors, { ...codec, decode: (_, format) => ({ n: format }) }).tracker, { n: 1 });
  });

  it('call a tracker corrupt that its own codec cannot read', () => {
    const stored = storeState(sample, { ...codec, encode: () => Buffer.from('{') }, {});
    assert.throws(() => restoreState(stored, tensors, codec), fails('STATE_CORRUPT', /tracker of B00L9EPT8O/));
  });

  it('still read and write the bytes of format 1 as they were released', () => {
    const folder = dirname(import.meta.filename).replace(/([\\/])dist([\\/]libs[\\/])/, '$2');
    const frozen = JSON.parse(readFileSync(join(folder, 'fixtures', 'state-format-1.json'), 'utf8')) as Record<'hidden' | 'tracker', string> & { format: number; checksum: number };
    const bytes = { hidden: Buffer.from(frozen.hidden, 'hex'), tracker: Buffer.from(frozen.tracker, 'hex') };
    const stored: StoredState = { ...storeState(sample, codec, {}), ...bytes, format: frozen.format, checksum: frozen.checksum };
    assert.deepEqual(restoreState(stored, tensors, { ...codec, format: 3 }), sample);
    const written = storeState(sample, codec, {});
    assert.equal(Buffer.from(written.hidden).toString('hex'), frozen.hidden);
    assert.equal(written.checksum, frozen.checksum);
  });
});
