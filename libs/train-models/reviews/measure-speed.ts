/** Speed of the two graphs as they would be served, one thread, on this machine at this moment: a rough figure for the card. */
import ort from 'onnxruntime-node';
import { ENCODER_SIZES, HISTORY_SIZES } from '#models';
import { encodeSet, QUIET_SESSION } from './encode-set.js';
import type { Prepared } from './prepare.js';

export async function measureSpeed(encoder: Uint8Array, state: Uint8Array, { set, parts }: Prepared) {
  const some = parts.flatMap((part, i) => (part === 'test' ? [i] : [])).slice(0, 2000);
  const seconds = await fastest(() => encodeSet(encoder, set, some, ENCODER_SIZES.vectorSize));
  const tokens = some.reduce((sum, i) => sum + set.lengths[i]!, 0);

  const session = await ort.InferenceSession.create(state, QUIET_SESSION);
  const B = 32;
  const zeros = (...dimensions: number[]) => new ort.Tensor('float32', new Float32Array(dimensions.reduce((a, b) => a * b)), dimensions);
  const { featureSize, hiddenSize, memoryPlaces, memorySize } = HISTORY_SIZES;
  const feeds = { features: zeros(B, featureSize), h: zeros(B, hiddenSize), c: zeros(B, hiddenSize), memory: zeros(B, memoryPlaces, memorySize + 1) };
  await session.run(feeds);
  const rounds = 100;
  const forSteps = await fastest(async () => { for (let i = 0; i < rounds; i++) await session.run(feeds); });
  await session.release();
  return { textsPerSecond: some.length / seconds, tokensPerSecond: tokens / seconds, stepsPerSecondOf32: (rounds * B) / forSteps, note: 'One thread, fastest of five passes, opening the session included, on the machine that trained.' };
}

/** Seconds of the fastest of five passes: what else runs on the machine only ever adds. */
async function fastest(pass: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    await pass();
    best = Math.min(best, (performance.now() - started) / 1e3);
  }
  return best;
}
