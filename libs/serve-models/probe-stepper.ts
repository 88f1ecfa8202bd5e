/**
 * Steps a model before its first message and keeps it to the contract: sizes as declared, finite numbers, and the same
 * bits for a key alone as in a batch. Some operators break the last at the end of an array; in whole blocks of 16 rows
 * there is no such end, so a model that needs them gets them, at the price of larger small batches.
 */
import type { StateStepper, StepResult } from '#contracts';
import { modelInvalid } from './manifest.js';

/** Sixteen floats fill the widest vector register. */
const BLOCKS = [1, 16];
/** Odd, so that a batch has an end that no vector fills. */
const KEYS = 37;
const STEPS = 3;
const LANES = 5;
const STRETCH = 11;

/** @throws MODEL_INVALID */
export async function probedStepper(folder: string, create: (rowsPerBlock: number) => StateStepper): Promise<StateStepper> {
  let differing: string | null = null;
  for (const rowsPerBlock of BLOCKS) {
    const stepper = create(rowsPerBlock);
    await probeSizes(folder, stepper);
    differing = await differsInCompany(stepper);
    if (differing === null) {
      await probeSequence(folder, stepper);
      return stepper;
    }
  }
  throw modelInvalid(folder, `'${differing!}' of a key has other bits alone than beside ${KEYS - 1} others, even in whole blocks of ${BLOCKS.at(-1)!} rows: no row of the graph may touch another`);
}

async function probeSizes(folder: string, stepper: StateStepper): Promise<void> {
  for (const batch of [1, KEYS]) {
    const first = await stepper.step(batch, new Float32Array(batch * stepper.featureSize), zeros(stepper, batch));
    const second = await stepper.step(batch, new Float32Array(batch * stepper.featureSize), first.states); // a next state must be fit to go in
    for (const { spec, values } of parts(stepper, second)) {
      if (values.length !== batch * sizeOf(spec.shape)) throw modelInvalid(folder, `'${spec.name}' has ${values.length} values for a batch of ${batch}, model.json says [${batch}, ${spec.shape.join(', ')}]`);
      if (!values.every(Number.isFinite)) throw modelInvalid(folder, `'${spec.name}' is not finite after two steps from zeros`);
    }
  }
}

/** The name of an output or state that differs; null when none does. */
async function differsInCompany(stepper: StateStepper): Promise<string | null> {
  const size = stepper.featureSize;
  let states: StepResult['states'] = zeros(stepper, KEYS);
  for (let step = 0; step < STEPS; step += 1) {
    const features = Float32Array.from({ length: KEYS * size }, (_, i) => 2 * Math.sin(1 + i * 78.233 + step)); // [B, F], spread over [-2, 2]
    const together = await stepper.step(KEYS, features, states);
    for (let key = 0; key < KEYS; key += 1) {
      const own = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, rowOf(states[name]!, shape, key)]));
      const alone = await stepper.step(1, rowOf(features, [size], key), own);
      const expected = parts(stepper, together);
      const differing = parts(stepper, alone).find(({ spec, values }, i) => {
        const row = rowOf(expected[i]!.values, spec.shape, key);
        return !values.every((value, j) => Object.is(value, row[j]));
      });
      if (differing !== undefined) return differing.spec.name;
    }
    states = together.states;
  }
  return null;
}

/** Stretches of 1 to STRETCH steps side by side, from states that a step has left behind, against step by step. */
async function probeSequence(folder: string, stepper: StateStepper): Promise<void> {
  if (stepper.sequence === undefined) return;
  const { featureSize: size } = stepper;
  const lengths = Int32Array.from({ length: LANES }, (_, lane) => 1 + ((lane * 5 + STRETCH - 1) % STRETCH)); // the first is the longest
  const spread = (length: number, phase: number) => Float32Array.from({ length }, (_, i) => 2 * Math.sin(phase + i * 78.233));
  const start = (await stepper.step(LANES, spread(LANES * size, 0.5), zeros(stepper, LANES))).states;
  const features = spread(STRETCH * LANES * size, 3); // [S, B, F]
  const together = await stepper.sequence(STRETCH, lengths, features, start);
  for (let lane = 0; lane < LANES; lane += 1) {
    let states = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, rowOf(start[name]!, shape, lane)])) as StepResult['states'];
    for (let step = 0; step < lengths[lane]!; step += 1) {
      const row = step * LANES + lane;
      const alone = await stepper.step(1, rowOf(features, [size], row), states);
      for (const { name, shape } of stepper.outputs) requireSame(folder, name, alone.outputs[name]!, rowOf(together.outputs[name]!, shape, row));
      states = alone.states;
    }
    for (const { name, shape } of stepper.tensors) requireSame(folder, name, states[name]!, rowOf(together.states[name]!, shape, lane));
  }
}

function requireSame(folder: string, name: string, step: Float32Array, sequence: Float32Array): void {
  if (step.length === sequence.length && step.every((value, i) => Object.is(value, sequence[i]))) return;
  throw modelInvalid(folder, `the sequence graph gives '${name}' other bits than the step graph, step by step: both must come from the same weights and operators, or leave state.sequence out`);
}

function parts(stepper: StateStepper, { outputs, states }: StepResult) {
  return [
    ...stepper.outputs.map((spec) => ({ spec, values: outputs[spec.name]! })),
    ...stepper.tensors.map((spec) => ({ spec, values: states[spec.name]! })),
  ];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dimension) => product * dimension, 1);

const zeros = (stepper: StateStepper, batch: number): Record<string, Float32Array> =>
  Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(batch * sizeOf(shape))]));

/** A copy of one key's row of data [B, ...shape]. */
const rowOf = (data: Float32Array, shape: readonly number[], key: number): Float32Array => data.slice(key * sizeOf(shape), (key + 1) * sizeOf(shape));
