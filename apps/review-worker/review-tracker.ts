/** What a product carries beside its hidden state: the expectation for its next review, and the surge tracker. */
import { TidewatchError } from '#contracts';
import { surgeTrackerCodec, type SurgeTracker } from '#detect-surge';
import type { TrackerCodec } from '#score-with-state';

export interface ReviewTracker {
  /** P(negative) that the state expects of the next review; null before the first. */
  readonly expected: number | null;
  readonly surge: SurgeTracker;
}

const HEADER_BYTES = 8;

/** Float64 expectation (NaN for null), then the surge tracker's own bytes. The format is the surge tracker's. */
export const reviewTrackerCodec: TrackerCodec<ReviewTracker> = {
  format: surgeTrackerCodec.format,
  encode({ expected, surge }) {
    const tail = surgeTrackerCodec.encode(surge);
    const bytes = new Uint8Array(HEADER_BYTES + tail.length);
    new DataView(bytes.buffer).setFloat64(0, expected ?? NaN, true);
    bytes.set(tail, HEADER_BYTES);
    return bytes;
  },
  decode(bytes, format) {
    if (bytes.length < HEADER_BYTES) throw new TidewatchError('STATE_CORRUPT', `A review tracker has ${bytes.length} bytes; expected at least ${HEADER_BYTES}.`);
    const expected = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
    return { expected: Number.isNaN(expected) ? null : expected, surge: surgeTrackerCodec.decode(bytes.subarray(HEADER_BYTES), format) };
  },
};
