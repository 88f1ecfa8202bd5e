/** One node as it is run: its inputs and attributes, asked for by an operator. */
import type { OnnxNode, OnnxTensor } from '#models';
import type { Tensor, TensorFlow } from '../tensorflow.js';
import { axisOf, listOf, tensorOf, type Value } from '../values.js';

export class Call {
  constructor(readonly tf: TensorFlow, private readonly node: OnnxNode, private readonly inputs: readonly (Value | undefined)[]) {}

  get results(): number {
    return this.node.outputs.length;
  }

  get all(): readonly Value[] {
    return this.inputs.map((_, i) => this.input(i));
  }

  /** @throws RangeError where it is missing */
  input(i: number): Value {
    const value = this.inputs[i];
    if (value === undefined) throw new RangeError(`input ${i} is missing`);
    return value;
  }

  optional(i: number): Value | undefined {
    return this.inputs[i];
  }

  tensor(i: number): Tensor {
    return tensorOf(this.input(i));
  }

  has(attribute: string): boolean {
    return this.node.attributes[attribute] !== undefined;
  }

  number(attribute: string, otherwise: number): number {
    return (this.node.attributes[attribute] as number | undefined) ?? otherwise;
  }

  text(attribute: string, otherwise: string): string {
    return (this.node.attributes[attribute] as string | undefined) ?? otherwise;
  }

  /** A tensor that stands in the attribute; null where there is none. */
  constant(attribute: string): OnnxTensor | null {
    return (this.node.attributes[attribute] as OnnxTensor | undefined) ?? null;
  }

  /** Of integers: input `i`, or the attribute where older operator sets had it; null where neither is given. */
  list(i: number, attribute: string): number[] | null {
    const value = this.optional(i);
    if (value !== undefined) return listOf(value);
    return this.has(attribute) ? [...(this.node.attributes[attribute] as readonly number[])] : null;
  }

  /** @param rank of what the axis belongs to */
  axis(otherwise: number, rank: number): number {
    return axisOf(this.number('axis', otherwise), rank);
  }

  /** @throws RangeError: an attribute has a value that this operator is not written for */
  refuse(attribute: string, found: unknown): never {
    throw new RangeError(`${attribute} ${String(found)} is not supported`);
  }
}

/** @returns one value for each of the node's results */
export type Operator = (call: Call) => Value[];
