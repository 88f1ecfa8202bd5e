/**
 * The StateStepper port over one session on the calling thread: a step of up to 32 keys takes ONNX Runtime about 60 us
 * there, less than the round trip to a worker thread (209 us measured). Steps that partitions ask for while one is under
 * way are run together as the next one, since a call costs 25 us whatever its size. Rows do not touch each other in the
 * graph, so a key's result is the same in any company; for the few operators whose last bit depends on where a value
 * stands in the batch (Log, Softplus: the end of an array is computed without vector instructions), `rowsPerBlock` fills
 * every batch up to whole blocks. probe-stepper.ts finds out which a model needs.
 */
import { type ModelManifest, type StateStepper, type StepResult, TidewatchError } from '#contracts';
import type { GraphSession, GraphTensor } from './graph-session.js';

/** Bounds how long one call holds the thread: about a millisecond. */
const MOST_KEYS_PER_CALL = 512;

interface Asked {
  readonly batch: number;
  readonly features: Float32Array;
  readonly states: Readonly<Record<string, Float32Array>>;
  readonly done: (result: StepResult) => void;
  readonly failed: (error: unknown) => void;
}

/** Input of a sequence graph beside those of the step. */
export const SEQUENCE_LENGTHS = 'lengths';

export interface StepperOptions {
  readonly rowsPerBlock?: number;
  /** The graph that takes whole stretches; null where the model has none. */
  readonly sequence?: GraphSession | null;
}

export function createStateStepper(session: GraphSession, modelId: string, spec: ModelManifest['state'], { rowsPerBlock = 1, sequence = null }: StepperOptions = {}): StateStepper {
  const featureSize = spec.features.shape[0]!;
  const fetches = [...spec.outputs.map(({ name }) => name), ...spec.tensors.map(({ next }) => next)];
  let asked: Asked[] = [];
  let running: Promise<void> | null = null;
  let closed = false;
  const underWay = new Set<Promise<StepResult>>();
  const closedError = () => new TidewatchError('MODEL_OUTPUT_INVALID', `The state step of model ${modelId} is closed; a step was asked for after close().`);

  async function stepAll(): Promise<void> {
    await Promise.resolve(); // those who ask in this same moment come along
    while (asked.length > 0) {
      const group = takeGroup();
      try {
        const result = await call(group);
        let row = 0;
        for (const one of group) {
          one.done(group.length === 1 ? result : rowsOf(result, row, one.batch));
          row += one.batch;
        }
      } catch (cause) {
        const error = failed(cause);
        for (const one of group) one.failed(error);
      }
    }
    running = null;
  }

  const failed = (cause: unknown) =>
    new TidewatchError('MODEL_OUTPUT_INVALID', `The state step of model ${modelId} failed: ${cause instanceof Error ? cause.message : String(cause)}. Check the model with \`tidewatch doctor\`.`, { cause });

  async function runSequence(graph: GraphSession, steps: number, lengths: Int32Array, features: Float32Array, states: Readonly<Record<string, Float32Array>>): Promise<StepResult> {
    const batch = lengths.length;
    const feeds: Record<string, GraphTensor> = { [spec.features.name]: { data: features, shape: [steps, batch, featureSize] }, [SEQUENCE_LENGTHS]: { data: lengths, shape: [batch] } };
    for (const { name, shape } of spec.tensors) feeds[name] = { data: states[name]!, shape: [batch, ...shape] };
    return named(await graph.run(feeds, fetches).catch((cause: unknown) => { throw failed(cause); }));
  }

  const named = (results: Readonly<Record<string, Float32Array>>): StepResult => ({
    outputs: Object.fromEntries(spec.outputs.map(({ name }) => [name, results[name]!])),
    states: Object.fromEntries(spec.tensors.map(({ name, next }) => [name, results[next]!])),
  });

  function takeGroup(): Asked[] {
    let keys = 0;
    const end = asked.findIndex(({ batch }, i) => (keys += batch) > MOST_KEYS_PER_CALL && i > 0);
    const group = end === -1 ? asked : asked.slice(0, end);
    asked = end === -1 ? [] : asked.slice(end);
    return group;
  }

  async function call(group: readonly Asked[]): Promise<StepResult> {
    const batch = group.reduce((sum, one) => sum + one.batch, 0);
    const rows = Math.ceil(batch / rowsPerBlock) * rowsPerBlock;
    const feeds: Record<string, GraphTensor> = { [spec.features.name]: { data: joined(group.map(({ features }) => features), rows / batch), shape: [rows, featureSize] } };
    for (const { name, shape } of spec.tensors) feeds[name] = { data: joined(group.map(({ states }) => states[name]!), rows / batch), shape: [rows, ...shape] };
    const whole = named(await session.run(feeds, fetches));
    return rows === batch ? whole : rowsOf(whole, 0, batch);
  }

  function rowsOf(result: StepResult, from: number, batch: number): StepResult {
    const cut = (record: StepResult['outputs'], specs: readonly { name: string; shape: readonly number[] }[]) =>
      Object.fromEntries(specs.map(({ name, shape }) => {
        const width = shape.reduce((a, b) => a * b, 1);
        return [name, record[name]!.subarray(from * width, (from + batch) * width)];
      }));
    return { outputs: cut(result.outputs, spec.outputs), states: cut(result.states, spec.tensors) };
  }

  return {
    modelId,
    featureSize,
    tensors: spec.tensors,
    outputs: spec.outputs,
    step(batch, features, states) {
      if (closed) return Promise.reject(closedError());
      return new Promise((done, failed) => {
        asked.push({ batch, features, states, done, failed });
        running ??= stepAll();
      });
    },
    ...(sequence === null ? {} : {
      sequence: async (steps: number, lengths: Int32Array, features: Float32Array, states: Readonly<Record<string, Float32Array>>) => {
        if (closed) throw closedError();
        const result = runSequence(sequence, steps, lengths, features, states);
        underWay.add(result);
        return result.finally(() => underWay.delete(result));
      },
    }),
    async close() {
      if (closed) return;
      closed = true;
      await Promise.allSettled([running, ...underWay]);
      await Promise.all([session.release(), sequence?.release()]);
    },
  };
}

/** @param growth the result is so many times as long as the parts together; zeros fill it up */
function joined(parts: readonly Float32Array[], growth: number): Float32Array {
  if (parts.length === 1 && growth === 1) return parts[0]!;
  const whole = new Float32Array(Math.round(growth * parts.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
