/**
 * A review model with what stars teach beside it (libs/models/reviews/recalibration.ts): a product's part are two state
 * tensors more, which its steps carry along unchanged, and which are stored, re-warmed and replayed as the model's own are.
 */
import type { HiddenState, Recalibration, ReviewRecalibrator, StateStepper, StateTensorSpec, StepResult } from '#contracts';
import { recalibrator, WEIGHTS_BESIDE_VECTOR } from '#models';
import { FEATURES_BESIDE_VECTOR } from './manifest.js';

const WEIGHTS = 'recalibration.weights';
const SHRUNK = 'recalibration.shrunk';
/** Stars at most of a negative review. */
const NEGATIVE_STARS = 2;

const tensorsOf = (vectorSize: number): StateTensorSpec[] =>
  [WEIGHTS, SHRUNK].map((name) => ({ name, next: `${name}_next`, type: 'float32', shape: [vectorSize + WEIGHTS_BESIDE_VECTOR] }));

const vectorSizeOf = (stepper: StateStepper): number => stepper.featureSize - FEATURES_BESIDE_VECTOR;

/** The stepper with room in a product's state for what its stars teach. */
export function carryingStepper(stepper: StateStepper): StateStepper {
  const carried = (result: StepResult, states: StepResult['states']): StepResult => ({ outputs: result.outputs, states: { ...result.states, [WEIGHTS]: states[WEIGHTS]!, [SHRUNK]: states[SHRUNK]! } });
  return {
    modelId: stepper.modelId,
    featureSize: stepper.featureSize,
    outputs: stepper.outputs,
    tensors: [...stepper.tensors, ...tensorsOf(vectorSizeOf(stepper))],
    step: async (batch, features, states) => carried(await stepper.step(batch, features, states), states),
    ...(stepper.sequence === undefined ? {} : {
      sequence: async (steps: number, lengths: Int32Array, features: Float32Array, states: StepResult['states']) => carried(await stepper.sequence!(steps, lengths, features, states), states),
    }),
    close: () => stepper.close(),
  };
}

/** temperature: by which the model's log odds are divided to be calibrated */
export function reviewRecalibrator(stepper: StateStepper, prior: Recalibration, temperature: number): ReviewRecalibrator {
  const vectorSize = vectorSizeOf(stepper);
  const recalibrate = recalibrator(prior, vectorSize);
  const tensors = tensorsOf(vectorSize);
  const weightsOf = (hidden: HiddenState) => ({ weights: hidden[WEIGHTS]!, shrunk: hidden[SHRUNK]! });
  return {
    sourceTensors: tensors,
    productTensors: tensors.map(({ name }) => name),
    freshSource: prior.source === undefined ? null : () => Object.fromEntries(tensors.map(({ name, shape }) => [name, new Float32Array(shape[0]!)])),
    correct(product, source, logit, vector, rating) {
      const negative = rating === null ? null : rating <= NEGATIVE_STARS;
      return Math.fround(temperature * recalibrate(weightsOf(product), source === null ? null : weightsOf(source), logit / temperature, vector, negative));
    },
  };
}
