/**
 * Reads an ONNX file into its graph: what graph.ts writes, and what other exporters write with the same elements.
 * Source: https://onnx.ai/onnx/repo-docs/IR.html and onnx.proto (field numbers below).
 */
import type { ElementType } from './graph.js';
import { type ProtobufField, readFields, readIntegers } from './protobuf-reader.js';

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** One byte an item for bool. */
  readonly data: Int8Array | Uint8Array | Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** A subgraph is not read: null. */
export type OnnxAttribute = number | string | readonly number[] | OnnxTensor | null;

export interface OnnxNode {
  readonly name: string;
  /** With its domain before it where that is not ONNX's own. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxPort {
  readonly name: string;
  /** null for what is no tensor. */
  readonly type: ElementType | 'other' | null;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  /** Version of ONNX's own operators. */
  readonly opset: number;
  /** Those that are no constants. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly constants: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
}

const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = { 1: 'float32', 3: 'int8', 6: 'int32', 7: 'int64', 9: 'bool', 11: 'float64' };
const ARRAYS = { float32: Float32Array, int8: Int8Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array, float64: Float64Array } as const;
const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** @throws RangeError where it is no ONNX file, was cut short, or holds a tensor of a type that is not read here */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const graph = [...readFields(bytes)].find(({ number }) => number === 7);
  if (graph === undefined) throw new RangeError('it holds no graph');
  const opset = fieldsOf(bytes, 8).map((one) => ({ domain: textIn(one, 1), version: integerIn(one, 2) })).find(({ domain }) => isOwn(domain))?.version ?? 0;
  const constants = fieldsOf(graph.bytes, 5).map(readTensor);
  const taken = new Set(constants.map(({ name }) => name));
  return {
    opset,
    inputs: fieldsOf(graph.bytes, 11).map(readPort).filter(({ name }) => !taken.has(name)),
    outputs: fieldsOf(graph.bytes, 12).map(readPort),
    constants,
    nodes: fieldsOf(graph.bytes, 1).map(readNode),
  };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const fields = [...readFields(bytes)];
  const texts = (number: number) => fields.filter((field) => field.number === number).map((field) => text(field.bytes));
  const domain = texts(7)[0] ?? '';
  const attributes = fields.filter(({ number }) => number === 5).map(({ bytes: one }) => [textIn(one, 1), readAttribute(one)] as const);
  return { name: texts(3)[0] ?? '', operator: `${isOwn(domain) ? '' : `${domain}.`}${texts(4)[0] ?? ''}`, inputs: texts(1), outputs: texts(2), attributes: Object.fromEntries(attributes) };
}

function readAttribute(bytes: Uint8Array): OnnxAttribute {
  const fields = [...readFields(bytes)];
  const of = (number: number) => fields.filter((field) => field.number === number);
  switch (integerIn(bytes, 20)) {
    case ATTRIBUTE.float: return floatsOf(of(2))[0]!;
    case ATTRIBUTE.int: return of(3)[0]?.integer ?? 0;
    case ATTRIBUTE.string: return textIn(bytes, 4);
    case ATTRIBUTE.tensor: return readTensor(of(5)[0]!.bytes);
    case ATTRIBUTE.floats: return floatsOf(of(7));
    case ATTRIBUTE.ints: return integersOf(of(8));
    default: return null;
  }
}

function readTensor(bytes: Uint8Array): OnnxTensor {
  const fields = [...readFields(bytes)];
  const of = (number: number) => fields.filter((field) => field.number === number);
  const name = textIn(bytes, 8);
  const code = integerIn(bytes, 2);
  const type = ELEMENT_TYPES[code];
  if (type === undefined) throw new RangeError(`the tensor '${name}' has element type ${code}, which is not read here`);
  if (integerIn(bytes, 14) !== 0) throw new RangeError(`the tensor '${name}' lies in another file: export with everything in one`);
  const shape = integersOf(of(1));
  const data = dataOf(type, of);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (data.length !== size) throw new RangeError(`the tensor '${name}' has ${data.length} values, its shape [${shape.join(', ')}] needs ${size}`);
  return { name, type, shape, data };
}

/** The bytes as they are, or the lists by type that other exporters use. */
function dataOf(type: ElementType, of: (number: number) => readonly ProtobufField[]): OnnxTensor['data'] {
  const raw = of(9)[0]?.bytes;
  if (raw !== undefined) return new ARRAYS[type](new Uint8Array(raw).buffer); // a copy: its place in the file need not be a multiple of the item's size
  if (type === 'float32') return Float32Array.from(floatsOf(of(4)));
  if (type === 'int64') return BigInt64Array.from(integersOf(of(7)), BigInt);
  if (type === 'float64') throw new RangeError('a tensor of float64 without its raw bytes is not read here');
  return ARRAYS[type].from(integersOf(of(5)));
}

function readPort(bytes: Uint8Array): OnnxPort {
  const name = textIn(bytes, 1);
  const tensor = fieldsOf(bytes, 2).flatMap((type) => fieldsOf(type, 1))[0];
  if (tensor === undefined) return { name, type: null, shape: [] };
  const dimensions = fieldsOf(tensor, 2).flatMap((shape) => fieldsOf(shape, 1));
  const shape = dimensions.map((dimension) => [...readFields(dimension)].find(({ number }) => number === 1)?.integer ?? textIn(dimension, 2));
  return { name, type: ELEMENT_TYPES[integerIn(tensor, 1)] ?? 'other', shape };
}

const isOwn = (domain: string): boolean => domain === '' || domain === 'ai.onnx';
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const fieldsOf = (bytes: Uint8Array, wanted: number): Uint8Array[] => [...readFields(bytes)].filter(({ number }) => number === wanted).map((field) => field.bytes);
const textIn = (bytes: Uint8Array, wanted: number): string => text(fieldsOf(bytes, wanted)[0] ?? new Uint8Array(0));
const integerIn = (bytes: Uint8Array, wanted: number): number => [...readFields(bytes)].find(({ number }) => number === wanted)?.integer ?? 0;
/** One by one or packed. */
const integersOf = (fields: readonly ProtobufField[]): number[] => fields.flatMap(({ integer, bytes }) => (bytes.length > 0 ? readIntegers(bytes) : [integer]));
const floatsOf = (fields: readonly ProtobufField[]): number[] => fields.flatMap(({ bytes }) => [...new Float32Array(new Uint8Array(bytes).buffer)]);
