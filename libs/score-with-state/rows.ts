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

/** Views into `result`, one record per key; the states of those that stay must be detached in the end. */
export function scatter(stepper: StateStepper, batch: number, result: StepResult): readonly Rows[] {
  const outputs = stepper.outputs.map(({ name }) => columnOf(stepper, 'output', name, result.outputs[name], batch));
  const states = stepper.tensors.map(({ name }) => columnOf(stepper, 'state', name, result.states[name], batch));
  const rows: Rows[] = [];
  const cut = (columns: readonly Column[], row: number) => {
    const record: Record<string, Float32Array> = {};
    for (const { name, data, width } of columns) record[name] = data.subarray(row * width, (row + 1) * width);
    return record;
  };
  const suspicious = [...outputs, ...states].filter(({ data }) => !allFinite(data));
  for (let row = 0; row < batch; row += 1) {
    const fault = suspicious.map((column) => faultOf(column, row)).find((found) => found !== null) ?? null;
    rows.push({ outputs: cut(outputs, row), states: cut(states, row), fault });
  }
  return rows;
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

interface Column {
  readonly kind: string;
  readonly name: string;
  readonly data: Float32Array;
  readonly width: number;
}

function columnOf(stepper: StateStepper, kind: string, name: string, data: Float32Array | undefined, batch: number): Column {
  if (data === undefined || data.length % batch !== 0) {
    throw new TidewatchError('MODEL_OUTPUT_INVALID', `Model ${stepper.modelId} gave ${data?.length ?? 'no'} values of ${kind} '${name}' for a batch of ${batch}.`);
  }
  return { kind, name, data, width: data.length / batch };
}

function faultOf({ kind, name, data, width }: Column, row: number): string | null {
  for (let i = 0; i < width; i += 1) {
    const value = data[row * width + i]!;
    if (!Number.isFinite(value)) return `${value} at index ${i} of ${kind} '${name}'`;
  }
  return null;
}

/** Zero times anything finite is zero, times anything else NaN: one sum tells for a whole round without a branch per value. */
function allFinite(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum += data[i]! * 0;
  return sum === 0;
}
