/**
 * Between many keys and one batch: per-key arrays are gathered into [B, ...] arrays, and what the model gives back is
 * cut into each key's rows.
 */
import { type EntityState, type HiddenState, type StateStepper, type StepResult, TidewatchError } from '#contracts';
import { sizeOfTensor } from './fresh-state.js';

/** One key's rows of a step; `fault` names the first value that is not finite. */
export interface Rows {
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly states: Readonly<Record<string, Float32Array>>;
  readonly fault: string | null;
}

type Named = Readonly<Record<string, Float32Array>>;

/** @param features of each key; @returns [B, F], rounded to 32 bits */
export function gatherFeatures(stepper: StateStepper, keys: readonly { readonly state: EntityState<unknown>; readonly features: ArrayLike<number> }[]): Float32Array {
  const features = new Float32Array(keys.length * stepper.featureSize);
  keys.forEach(({ state, features: own }, row) => {
    requireFeatures(stepper, state.entity, own);
    features.set(own, row * stepper.featureSize);
  });
  return features;
}

/** @throws MODEL_INVALID */
export function requireFeatures(stepper: StateStepper, entity: string, features: ArrayLike<number>): void {
  if (features.length === stepper.featureSize) return;
  throw new TidewatchError('MODEL_INVALID', `Model ${stepper.modelId} takes ${stepper.featureSize} features, ${features.length} were given for ${entity}. Serve it with the features it was trained on.`, { place: { entity } });
}

/** @returns by state name, [B, ...shape] */
export function gatherHidden(stepper: StateStepper, states: readonly EntityState<unknown>[]): Record<string, Float32Array> {
  for (const { entity, modelId } of states) {
    if (modelId !== stepper.modelId) {
      throw new TidewatchError('MODEL_INVALID', `The state of ${entity} belongs to model ${modelId}, the running model is ${stepper.modelId}. Re-warm the state from stored events, or start it cold.`, { place: { entity } });
    }
  }
  const hidden: Record<string, Float32Array> = {};
  for (const tensor of stepper.tensors) {
    const width = sizeOfTensor(tensor);
    const batch = new Float32Array(states.length * width); // [B, ...shape]
    states.forEach(({ entity, hidden: held }, row) => {
      const own = held[tensor.name];
      if (own?.length !== width) {
        throw new TidewatchError('STATE_CORRUPT', `The state of ${entity} holds ${own?.length ?? 'no'} values for '${tensor.name}', model ${stepper.modelId} expects ${width}. Re-warm it from stored events.`, { place: { entity } });
      }
      batch.set(own, row * width);
    });
    hidden[tensor.name] = batch;
  }
  return hidden;
}

/** Views into `result`, one record per key; the states of those that stay must be detached in the end. */
export function scatter(stepper: StateStepper, batch: number, result: StepResult): readonly Rows[] {
  const outputs = cutRows(stepper, 'output', result.outputs, batch);
  const states = cutRows(stepper, 'state', result.states, batch);
  const finite = allFinite(result.outputs) && allFinite(result.states);
  return outputs.map((own, row) => ({ outputs: own, states: states[row]!, fault: finite ? null : faultOf('output', own) ?? faultOf('state', states[row]!) }));
}

/** values: by name, [rows, ...shape], of all outputs or all state tensors; @returns views, one record per row */
export function cutRows(stepper: StateStepper, kind: 'output' | 'state', values: Named, rows: number): Named[] {
  const columns = (kind === 'output' ? stepper.outputs : stepper.tensors).map(({ name }) => {
    const data = values[name];
    if (data === undefined || data.length % rows !== 0) {
      throw new TidewatchError('MODEL_OUTPUT_INVALID', `Model ${stepper.modelId} gave ${data?.length ?? 'no'} values of ${kind} '${name}' for a batch of ${rows}.`);
    }
    return { name, data, width: data.length / rows };
  });
  return Array.from({ length: rows }, (_, row) => {
    const record: Record<string, Float32Array> = {};
    for (const { name, data, width } of columns) record[name] = data.subarray(row * width, (row + 1) * width);
    return record;
  });
}

/**
 * The same values in memory of their own, one block per key: a view would keep the whole round alive with the key, and
 * blocks of a few hundred bytes cost more to allocate than to fill.
 */
export function detach(hidden: HiddenState): HiddenState {
  const names = Object.keys(hidden);
  const block = new Float32Array(names.reduce((sum, name) => sum + hidden[name]!.length, 0));
  const own: Record<string, Float32Array> = {};
  let at = 0;
  for (const name of names) {
    const values = hidden[name]!;
    block.set(values, at);
    own[name] = block.subarray(at, at + values.length);
    at += values.length;
  }
  return own;
}

/** Names the first value that is not finite. */
function faultOf(kind: string, values: Named): string | null {
  for (const [name, data] of Object.entries(values)) {
    const index = data.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) return `${data[index]} at index ${index} of ${kind} '${name}'`;
  }
  return null;
}

/** Zero times anything finite is zero, times anything else NaN: one sum tells for a whole round without a branch per value. */
export function allFinite(values: Named): boolean {
  let sum = 0;
  for (const data of Object.values(values)) for (let i = 0; i < data.length; i += 1) sum += data[i]! * 0;
  return sum === 0;
}
