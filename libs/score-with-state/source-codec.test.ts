import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { StoredSource } from '#contracts';
import { placeOfSource, restoreSource, type SourceState, storeSource } from './index.js';

const tensors = [{ name: 'recalibration.weights', shape: [3] }, { name: 'recalibration.shrunk', shape: [3] }];
const sample: SourceState = { source: 'google play', hidden: { 'recalibration.weights': Float32Array.of(0.5, -1e-40, 3.4e38), 'recalibration.shrunk': Float32Array.of(0.1, 0, 1) } };

describe('the state of a source', () => {
  it('comes back from its bytes to the last bit, and is still read and written as format 1 was released', () => {
    const folder = dirname(import.meta.filename).replace(/([\\/])dist([\\/]libs[\\/])/, '$2');
    const frozen = JSON.parse(readFileSync(join(folder, 'fixtures', 'source-format-1.json'), 'utf8')) as { place: number; format: number; hidden: string; checksum: number };
    const stored = storeSource(placeOfSource(sample.source), sample, 'm');
    assert.deepEqual({ place: stored.place, format: stored.format, hidden: Buffer.from(stored.hidden).toString('hex'), checksum: stored.checksum }, { place: frozen.place, format: frozen.format, hidden: frozen.hidden, checksum: frozen.checksum });
    const released: StoredSource = { ...stored, format: frozen.format, hidden: Buffer.from(frozen.hidden, 'hex'), checksum: frozen.checksum };
    assert.deepEqual(restoreSource(released, tensors), sample);
  });

  it('is refused where bytes, format or tensors are others', () => {
    const stored = storeSource(1, sample, 'm');
    const damaged = Uint8Array.from(stored.hidden);
    damaged[20]! ^= 1;
    assert.throws(() => restoreSource({ ...stored, hidden: damaged }, tensors), { code: 'STATE_CORRUPT', message: /source "google play" does not fit its checksum/ });
    assert.throws(() => restoreSource({ ...stored, format: 2 }, tensors), { code: 'STATE_FORMAT_UNKNOWN', message: /has format 2; this version reads 1/ });
    assert.throws(() => restoreSource(stored, [tensors[0]!]), { code: 'STATE_CORRUPT', message: /recalibration\.shrunk\[3\]/ });
  });

  it('has one of 65,536 places, whatever its name', () => {
    const places = Array.from({ length: 300_000 }, (_, i) => placeOfSource(`source ${i}`));
    assert.ok(places.every((place) => Number.isInteger(place) && place >= 0 && place < 65_536));
    assert.ok(new Set(places).size > 60_000);
    assert.equal(placeOfSource(null), placeOfSource(null));
  });
});
