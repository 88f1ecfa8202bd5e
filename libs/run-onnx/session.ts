/**
 * ONNX Runtime sessions as this project runs them, and the comparison of a session with what its manifest promises.
 * One thread per session and no memory pattern: parallelism comes from worker threads, and shapes vary with every batch
 * (measured: 734 against 569 thousand tokens/s with the pattern off).
 */
import ort from 'onnxruntime-node';
import type { TensorSpec } from '#contracts';

export type Session = ort.InferenceSession;

export async function createSession(model: Uint8Array): Promise<Session> {
  return ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
}

/** shape includes the batch dimension. */
export function tensorOf(data: Float32Array | Int32Array, shape: readonly number[]): ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int32', data, shape);
}

export async function run(session: Session, feeds: Readonly<Record<string, ort.Tensor>>, fetches: readonly string[]): Promise<Record<string, Float32Array>> {
  const results = await session.run(feeds, fetches);
  return Object.fromEntries(fetches.map((name) => [name, results[name]!.data as Float32Array]));
}

/** What differs between a session and its manifest, one sentence each; empty when they fit. Outputs beyond the manifest are left alone. */
export function sessionProblems(file: string, session: Session, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): string[] {
  const problems = [...portProblems(file, 'input', session.inputMetadata, inputs), ...portProblems(file, 'output', session.outputMetadata, outputs)];
  for (const name of session.inputNames) {
    if (!inputs.some((spec) => spec.name === name)) problems.push(`${file} has an input '${name}' that model.json does not name`);
  }
  return problems;
}

function portProblems(file: string, kind: string, found: readonly ort.InferenceSession.ValueMetadata[], expected: readonly TensorSpec[]): string[] {
  return expected.flatMap((spec) => {
    const port = found.find(({ name }) => name === spec.name);
    if (port === undefined) return [`${file} has no ${kind} '${spec.name}' (it has ${found.map(({ name }) => name).join(', ') || 'none'})`];
    if (!port.isTensor) return [`${file} ${kind} '${spec.name}' is not a tensor`];
    if (port.type !== spec.type) return [`${file} ${kind} '${spec.name}' is ${port.type}, model.json says ${spec.type}`];
    return shapeFits(port.shape, spec.shape) ? [] : [`${file} ${kind} '${spec.name}' has shape [${port.shape.join(', ')}], model.json says [batch, ${spec.shape.join(', ')}] with a batch that may vary`];
  });
}

/** A dimension that the file leaves open fits any; the probe run shows what it really is. */
function shapeFits(found: readonly (number | string)[], expected: readonly number[]): boolean {
  if (found.length !== expected.length + 1 || typeof found[0] === 'number') return false;
  return expected.every((size, i) => typeof found[i + 1] === 'string' || found[i + 1] === size);
}
