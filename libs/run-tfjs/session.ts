/**
 * A graph that runs node by node over TensorFlow.js. What it cannot run is said when it is loaded: an operator that is not known,
 * an operator set older than 13, a tensor of another type. Every run frees all tensors but the weights.
 */
import { type OnnxModel, type OnnxNode, type OnnxPort, type OnnxTensor, readOnnx } from '#models';
import type { GraphPort, GraphSession, GraphTensor } from '#serve-models';
import { Call } from './operators/call.js';
import { OPERATORS } from './operators/index.js';
import type { TensorFlow } from './tensorflow.js';
import { constantValue, floats, integers, tensorOf, type Value } from './values.js';

/** Since then the axes of Squeeze, Unsqueeze, Split and ReduceSum are inputs, and Softmax has one axis. */
const OLDEST_OPSET = 13;

/** @throws RangeError */
export function createSession(tf: TensorFlow, model: Uint8Array): GraphSession {
  const graph = readOnnx(model);
  requireKnown(graph);
  const weights = new Map([...graph.constants, ...graph.nodes.filter(isConstant).map(constantOf)].map((tensor) => [tensor.name, constantValue(tf, tensor)] as const));
  const nodes = graph.nodes.filter((node) => !isConstant(node));
  return {
    inputs: graph.inputs.map(portOf),
    outputs: graph.outputs.map(portOf),
    run: async (feeds, fetches) => compute(tf, nodes, weights, feeds, fetches),
    release: async () => {
      for (const value of weights.values()) if (value.type === 'float32') value.tensor.dispose();
      weights.clear();
    },
  };
}

function requireKnown({ opset, nodes }: OnnxModel): void {
  const unknown = [...new Set(nodes.filter((node) => !isConstant(node)).map(({ operator }) => operator))].filter((operator) => OPERATORS[operator] === undefined);
  if (unknown.length > 0) throw new RangeError(`operator ${unknown.join(', ')} is not known; known are ${Object.keys(OPERATORS).sort().join(', ')}, Constant`);
  if (opset < OLDEST_OPSET) throw new RangeError(`operator set ${opset} was found, ${OLDEST_OPSET} or later was expected`);
}

const isConstant = ({ operator }: OnnxNode): boolean => operator === 'Constant';

function constantOf({ outputs, attributes }: OnnxNode): OnnxTensor {
  const [[kind, value]] = Object.entries(attributes) as [[string, OnnxNode['attributes'][string]]];
  const name = outputs[0]!;
  if (kind === 'value') return { ...(value as OnnxTensor), name };
  if (kind === 'value_int') return { name, type: 'int64', shape: [], data: BigInt64Array.of(BigInt(value as number)) };
  if (kind === 'value_ints') return { name, type: 'int64', shape: [(value as number[]).length], data: BigInt64Array.from(value as number[], BigInt) };
  if (kind === 'value_float') return { name, type: 'float32', shape: [], data: Float32Array.of(value as number) };
  throw new RangeError(`a Constant given as ${kind} is not supported`);
}

function compute(tf: TensorFlow, nodes: readonly OnnxNode[], weights: ReadonlyMap<string, Value>, feeds: Readonly<Record<string, GraphTensor>>, fetches: readonly string[]): Record<string, Float32Array> {
  const results: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const values = new Map(weights);
    for (const [name, tensor] of Object.entries(feeds)) values.set(name, fedValue(tf, tensor));
    for (const node of nodes) runNode(tf, node, values);
    // a copy: what comes out may be what went in, or a weight
    for (const name of fetches) results[name] = (tensorOf(values.get(name)!).dataSync() as Float32Array).slice();
  });
  return results;
}

const fedValue = (tf: TensorFlow, { data, shape }: GraphTensor): Value => (data instanceof Float32Array ? floats(tf.tensor(data, [...shape])) : integers('int32', shape, data));

function runNode(tf: TensorFlow, node: OnnxNode, values: Map<string, Value>): void {
  try {
    const results = OPERATORS[node.operator]!(new Call(tf, node, node.inputs.map((name) => (name === '' ? undefined : values.get(name)))));
    node.outputs.forEach((name, i) => values.set(name, results[i]!));
  } catch (cause) {
    throw new RangeError(`${node.operator} '${node.name}': ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const portOf = ({ name, type, shape }: OnnxPort): GraphPort => ({ name, isTensor: type !== null, type: type ?? 'none', shape });
