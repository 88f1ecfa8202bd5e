/**
 * `--truth stars`: the stars in the model's place, behind the model's own ports, so that everything behind them is the serving
 * path. P(negative) is one at two stars or less, else zero (to the last bit: 1 / (1 + e^-40) is 1 in double precision).
 */
import type { EncodedText, StateStepper, TextEncoder } from '#contracts';
import { REVIEW_FEATURES_BESIDE_VECTOR } from '#score-with-state';

const SURE = 40;
/** Column of the rating, (stars - 3) / 2, in reviewFeatures' layout without a vector. */
const RATING = 2;
const MODEL_ID = 'stars';

export const NEGATIVE_STARS = 2;

export const starEncoder: TextEncoder = {
  modelId: MODEL_ID,
  vectorSize: 0,
  encode: (texts) => Promise.resolve(texts.map((): EncodedText => ({ vector: new Float32Array(0), logit: 0, knownWords: null, topWords: [] }))),
  close: () => Promise.resolve(),
};

export const starStepper: StateStepper = {
  modelId: MODEL_ID,
  featureSize: REVIEW_FEATURES_BESIDE_VECTOR,
  tensors: [],
  outputs: [{ name: 'logit', type: 'float32', shape: [1] }, { name: 'expectation', type: 'float32', shape: [1] }],
  step: (batch, features) => Promise.resolve({
    outputs: {
      logit: Float32Array.from({ length: batch }, (_, row) => (features[row * REVIEW_FEATURES_BESIDE_VECTOR + RATING]! <= (NEGATIVE_STARS - 3) / 2 ? SURE : -SURE)),
      expectation: new Float32Array(batch),
    },
    states: {},
  }),
  close: () => Promise.resolve(),
};
