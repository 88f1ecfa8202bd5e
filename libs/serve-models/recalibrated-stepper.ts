/**
 * A review model's step with what each product's own stars teach beside it (libs/models/reviews/recalibration.ts): two state
 * tensors more, which are stored, re-warmed and replayed as the model's own are, and a corrected `logit`.
 */
import type { Recalibration, StateStepper, StateTensorSpec, StepResult } from '#contracts';
import { recalibrator, WEIGHTS_BESIDE_VECTOR } from '#models';
import { FEATURES_BESIDE_VECTOR } from './manifest.js';

const WEIGHTS = 'recalibration.weights';
const SHRUNK = 'recalibration.shrunk';
/** Two stars or fewer, as the features hold them: (stars - 3) / 2. */
const NEGATIVE_STARS = -0.5;

/** temperature: by which the model's log odds are divided to be calibrated */
export function recalibratedStepper(stepper: StateStepper, prior: Recalibration, temperature: number): StateStepper {
  const { featureSize: F } = stepper;
  const D = F - FEATURES_BESIDE_VECTOR;
  const size = D + WEIGHTS_BESIDE_VECTOR;
  const recalibrate = recalibrator(prior, D);
  const tensor = (name: string): StateTensorSpec => ({ name, next: `${name}_next`, type: 'float32', shape: [size] });

  /** lengths: of each key's stretch; rows of features and outputs are [S, B] */
  function corrected(result: StepResult, lengths: ArrayLike<number>, features: Float32Array, states: StepResult['states']): StepResult {
    const B = lengths.length;
    const [weights, shrunk, logit] = [states[WEIGHTS]!.slice(), states[SHRUNK]!.slice(), result.outputs['logit']!.slice()];
    for (let b = 0; b < B; b += 1) {
      const product = { weights: weights.subarray(b * size, (b + 1) * size), shrunk: shrunk.subarray(b * size, (b + 1) * size) };
      for (let s = 0; s < lengths[b]!; s += 1) {
        const row = s * B + b;
        const [known, stars] = [features[row * F + D + 1]!, features[row * F + D + 2]!];
        const vector = features.subarray(row * F, row * F + D);
        logit[row] = temperature * recalibrate(product, logit[row]! / temperature, vector, known > 0 ? stars <= NEGATIVE_STARS : null);
      }
    }
    return { outputs: { ...result.outputs, logit }, states: { ...result.states, [WEIGHTS]: weights, [SHRUNK]: shrunk } };
  }

  return {
    modelId: stepper.modelId,
    featureSize: F,
    outputs: stepper.outputs,
    tensors: [...stepper.tensors, tensor(WEIGHTS), tensor(SHRUNK)],
    step: async (batch, features, states) => corrected(await stepper.step(batch, features, states), new Uint8Array(batch).fill(1), features, states),
    ...(stepper.sequence === undefined ? {} : {
      sequence: async (steps: number, lengths: Int32Array, features: Float32Array, states: StepResult['states']) => corrected(await stepper.sequence!(steps, lengths, features, states), lengths, features, states),
    }),
    close: () => stepper.close(),
  };
}
