/**
 * Between many keys and one batch: per-key arrays are gathered into [B, ...] arrays, and what the model gives back is
 * cut into copies of each key's rows (copies, since a view would keep the whole batch alive with every state).
 */
import { type EntityState, type StateStepper, type StepResult, TidewatchError } from '#contracts';
import { sizeOfTensor } from './fresh-state.js';

/** One key's rows of a step; `fault` names the first value that is not finite. */
export interface Rows {
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly states: Readonly<Record<string, Float32Array>>;
  readonly fault: string | null;
}

type Keyed = { readonly state: EntityState<unknown>; readonly features: Float32Array };

/** @returns features [B, F] and, by state name, [B, ...shape] */
export function gather(stepper: StateStepper, keys: readonly Keyed[]): { features: Float32Array; hidden: Record<string, Float32Array> } {
  const size = stepper.featureSize;
  const features = new Float32Array(keys.length * size); // [B, F]
  keys.forEach(({ state, features: own }, row) => {
    if (own.length !== size) {
      throw new TidewatchError('MODEL_INVALID', `Model ${stepper.modelId} takes ${size} features, ${own.length} were given for ${state.entity}. Serve it with the features it was trained on.`, { place: { entity: state.entity } });
    }
    if (state.modelId !== stepper.modelId) {
      throw new TidewatchError('MODEL_INVALID', `The state of ${state.entity} belongs to model ${state.modelId}, the running model is ${stepper.modelId}. Re-warm the state from stored events, or start it cold.`, { place: { entity: state.entity } });
    }
    features.set(own, row * size);
  });
  const hidden: Record<string, Float32Array> = {};
  for (const tensor of stepper.tensors) {
    const width = sizeOfTensor(tensor);
    const batch = new Float32Array(keys.length * width); // [B, ...shape]
    keys.forEach(({ state }, row) => {
      const own = state.hidden[tensor.name];
      if (own?.length !== width) {
        throw new TidewatchError('STATE_CORRUPT', `The state of ${state.entity} holds ${own?.length ?? 'no'} values for '${tensor.name}', model ${stepper.modelId} expects ${width}. Re-warm it from stored events.`, { place: { entity: state.entity } });
      }
      batch.set(own, row * width);
    });
    hidden[tensor.name] = batch;
  }
  return { features, hidden };
}

export function scatter(stepper: StateStepper, batch: number, result: StepResult): readonly Rows[] {
  const cutOutputs = stepper.outputs.map((output) => cutter(stepper, 'output', output.name, result.outputs[output.name], batch));
  const cutStates = stepper.tensors.map((tensor) => cutter(stepper, 'state', tensor.name, result.states[tensor.name], batch));
  const rows: Rows[] = [];
  for (let row = 0; row < batch; row += 1) {
    const outputs: Record<string, Float32Array> = {};
    const states: Record<string, Float32Array> = {};
    let fault: string | null = null;
    for (const cut of cutOutputs) fault ??= cut(row, outputs);
    for (const cut of cutStates) fault ??= cut(row, states);
    rows.push({ outputs, states, fault });
  }
  return rows;
}

/** Copies one key's row of `data` into a record; gives back what is wrong with it, if anything. */
function cutter(stepper: StateStepper, kind: string, name: string, data: Float32Array | undefined, batch: number) {
  if (data === undefined || data.length % batch !== 0) {
    throw new TidewatchError('MODEL_OUTPUT_INVALID', `Model ${stepper.modelId} gave ${data?.length ?? 'no'} values of ${kind} '${name}' for a batch of ${batch}.`);
  }
  const width = data.length / batch;
  return (row: number, into: Record<string, Float32Array>): string | null => {
    const own = data.slice(row * width, (row + 1) * width);
    into[name] = own;
    const at = own.findIndex((value) => !Number.isFinite(value));
    return at === -1 ? null : `${own[at]!} at index ${at} of ${kind} '${name}'`;
  };
}
