/**
 * What an engine gives: a loaded graph that runs. And the comparison of a graph with what its manifest promises.
 */
import type { TensorSpec } from '#contracts';

export interface GraphPort {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type: string;
  /** With the batch dimension; a name where a dimension varies. */
  readonly shape: readonly (number | string)[];
}

/** shape includes the batch dimension. */
export interface GraphTensor {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export interface GraphSession {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** @returns by name, those asked for */
  run(feeds: Readonly<Record<string, GraphTensor>>, fetches: readonly string[]): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

/** @param model bytes of an ONNX file; @throws where the engine cannot run it */
export type CreateSession = (model: Uint8Array) => Promise<GraphSession>;

/** What differs between a session and its manifest, one sentence each; empty when they fit. Outputs beyond the manifest are left alone. */
export function sessionProblems(file: string, session: GraphSession, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): string[] {
  const problems = [...portProblems(file, 'input', session.inputs, inputs), ...portProblems(file, 'output', session.outputs, outputs)];
  for (const { name } of session.inputs) {
    if (!inputs.some((spec) => spec.name === name)) problems.push(`${file} has an input '${name}' that model.json does not name`);
  }
  return problems;
}

function portProblems(file: string, kind: string, found: readonly GraphPort[], expected: readonly TensorSpec[]): string[] {
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
