/**
 * Builds an ONNX graph node by node and writes it as a model file: inputs, constants (initializers), nodes, outputs,
 * and subgraphs for Scan. Values are known by name; every name is made once and a repeated one is refused.
 * A graph computes in one floating-point type: 'float32' for files that ship, 'float64' so that a test can compare
 * the very same gradient graph with central differences in double precision.
 * Source: https://onnx.ai/onnx/repo-docs/IR.html and onnx.proto (field numbers below); operator set 17, IR version 8.
 */
import { ProtobufWriter } from './protobuf.js';

export type ElementType = 'int8' | 'float32' | 'float64' | 'int32' | 'int64' | 'bool';
export type FloatType = 'float32' | 'float64';
/** A number, or the name of a dimension that varies. */
export type Dimension = number | string;
/** Name of a tensor in the graph; '' stands for an optional input that is left out. */
export type Value = string;
export type Weights = Int8Array | Float32Array | Float64Array | Int32Array | BigInt64Array;
/** Integers, strings, lists of integers, a subgraph; a float must be wrapped so that 1.0 stays a float. */
export type Attribute = number | string | readonly number[] | { readonly float: number } | Graph;

const OPSET = 17;
const IR_VERSION = 8;
const ELEMENT_CODE: Record<ElementType, number> = { float32: 1, int8: 3, int32: 6, int64: 7, bool: 9, float64: 11 };
const ATTRIBUTE_CODE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly dimensions: readonly Dimension[];
}

export class Graph {
  private readonly inputs: Port[] = [];
  private readonly outputs: Port[] = [];
  private readonly nodes: ProtobufWriter[] = [];
  private readonly constants: ProtobufWriter[] = [];
  private readonly taken = new Set<string>();
  private readonly shared = new Map<string, Value>();
  private counter = 0;

  constructor(readonly name: string, readonly floatType: FloatType = 'float32') {}

  input(name: string, type: ElementType, dimensions: readonly Dimension[]): Value {
    this.inputs.push({ name: this.take(name), type, dimensions });
    return name;
  }

  /** Declares `value` as a result of the graph, under `name` where that differs. */
  output(value: Value, type: ElementType, dimensions: readonly Dimension[], name: string = value): Value {
    const result = name === value ? value : this.op('Identity', [value], {}, name);
    this.outputs.push({ name: result, type, dimensions });
    return result;
  }

  /** One node with one result. */
  op(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}, name?: string): Value {
    const result = this.take(name ?? this.fresh(operator));
    this.node(operator, inputs, attributes, [result]);
    return result;
  }

  /** One node with several results, named `names`, or by number; '' leaves a result out. */
  ops(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>>, names: number | readonly string[]): Value[] {
    const results = typeof names === 'number' ? Array.from({ length: names }, () => this.fresh(operator)) : [...names];
    for (const result of results) if (result !== '') this.take(result);
    this.node(operator, inputs, attributes, results);
    return results;
  }

  /** Weights stored in the file. The array's type decides the tensor's. */
  constant(name: string, dimensions: readonly number[], data: Weights): Value {
    const expected = dimensions.reduce((product, d) => product * d, 1);
    if (data.length !== expected) throw new RangeError(`constant ${name} has ${data.length} values, its shape [${dimensions.join(', ')}] needs ${expected}`);
    const tensor = new ProtobufWriter();
    for (const d of dimensions) tensor.int(1, d);
    tensor.int(2, ELEMENT_CODE[elementTypeOf(data)]).string(8, this.take(name));
    tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.constants.push(tensor);
    return name;
  }

  /** A floating-point scalar in the graph's own type; equal ones are stored once. */
  scalar(value: number): Value {
    return this.once(`scalar_${value}`, (name) => this.constant(name, [], this.floats([value])));
  }

  /** A list of int64, for axes and shapes; equal ones are stored once. */
  integers(...values: readonly number[]): Value {
    return this.once(`integers_${values.join('_')}`, (name) => this.constant(name, [values.length], BigInt64Array.from(values, BigInt)));
  }

  /** Numbers as an array of the graph's floating-point type. */
  floats(values: ArrayLike<number>): Float32Array | Float64Array {
    return this.floatType === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
  }

  /** A subgraph of the same floating-point type, for Scan. */
  subgraph(name: string): Graph {
    return new Graph(name, this.floatType);
  }

  toModel(producer = 'tidewatch'): Uint8Array {
    const opset = new ProtobufWriter().string(1, '').int(2, OPSET);
    return new ProtobufWriter().int(1, IR_VERSION).string(2, producer).message(7, this.encode()).message(8, opset).finish();
  }

  private encode(): ProtobufWriter {
    const graph = new ProtobufWriter();
    for (const node of this.nodes) graph.message(1, node);
    graph.string(2, this.name);
    for (const constant of this.constants) graph.message(5, constant);
    for (const port of this.inputs) graph.message(11, encodePort(port));
    for (const port of this.outputs) graph.message(12, encodePort(port));
    return graph;
  }

  private node(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>>, results: readonly string[]): void {
    const node = new ProtobufWriter();
    for (const input of inputs) node.string(1, input);
    for (const result of results) node.string(2, result);
    node.string(3, `${operator}_${this.nodes.length}`).string(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, Graph.encodeAttribute(name, value));
    this.nodes.push(node);
  }

  private static encodeAttribute(name: string, value: Attribute): ProtobufWriter {
    const attribute = new ProtobufWriter().string(1, name);
    if (value instanceof Graph) return attribute.message(6, value.encode()).int(20, ATTRIBUTE_CODE.graph);
    if (typeof value === 'string') return attribute.string(4, value).int(20, ATTRIBUTE_CODE.string);
    if (typeof value === 'number') return attribute.int(3, value).int(20, ATTRIBUTE_CODE.int);
    if ('float' in value) return attribute.float(2, value.float).int(20, ATTRIBUTE_CODE.float);
    for (const item of value) attribute.int(8, item);
    return attribute.int(20, ATTRIBUTE_CODE.ints);
  }

  private once(name: string, make: (name: string) => Value): Value {
    const known = this.shared.get(name);
    if (known !== undefined) return known;
    const made = make(name);
    this.shared.set(name, made);
    return made;
  }

  private fresh(operator: string): string {
    // the graph's name is part of it because a Scan body must not hide a name of the graph around it
    return `${this.name}.${operator}.${this.counter++}`;
  }

  private take(name: string): string {
    if (this.taken.has(name)) throw new RangeError(`the graph ${this.name} already has a value named ${name}: choose another name`);
    this.taken.add(name);
    return name;
  }
}

function elementTypeOf(data: Weights): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

function encodePort(port: Port): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const d of port.dimensions) shape.message(1, typeof d === 'string' ? new ProtobufWriter().string(2, d) : new ProtobufWriter().int(1, d));
  const tensor = new ProtobufWriter().int(1, ELEMENT_CODE[port.type]).message(2, shape);
  return new ProtobufWriter().string(1, port.name).message(2, new ProtobufWriter().message(1, tensor));
}
