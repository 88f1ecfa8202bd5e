/** What is used of TensorFlow.js, by its own names: its packages need not be there to build this project. */
export interface Tensor {
  readonly shape: number[];
  readonly rank: number;
  dataSync(): Float32Array | Int32Array | Uint8Array;
  dispose(): void;
}

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor | number, b: Tensor | number) => Tensor;
type Reduction = (x: Tensor, axis: number | number[], keepDims: boolean) => Tensor;

export interface TensorFlow extends Readonly<
  & Record<'abs' | 'neg' | 'exp' | 'log' | 'sqrt' | 'erf' | 'tanh' | 'sigmoid' | 'relu' | 'softplus', Unary>
  & Record<'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual' | 'equal', Binary>
  & Record<'sum' | 'max' | 'min' | 'mean', Reduction>
> {
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  memory(): { readonly numTensors: number };
  /** Frees what was made within, but for what `work` returns. */
  tidy(work: () => void): void;
  tensor(values: Float32Array | Int32Array | Uint8Array | readonly number[], shape?: readonly number[], type?: 'int32' | 'bool'): Tensor;
  zeros(shape: readonly number[]): Tensor;
  reshape(x: Tensor, shape: readonly number[]): Tensor;
  transpose(x: Tensor, order: readonly number[]): Tensor;
  squeeze(x: Tensor, axes: readonly number[]): Tensor;
  broadcastTo(x: Tensor, shape: readonly number[]): Tensor;
  concat(parts: readonly Tensor[], axis: number): Tensor;
  split(x: Tensor, parts: number, axis?: number): Tensor[];
  stack(parts: readonly Tensor[], axis?: number): Tensor;
  unstack(x: Tensor): Tensor[];
  slice(x: Tensor, begin: number | readonly number[], size: number | readonly number[]): Tensor;
  gather(x: Tensor, indices: Tensor, axis: number): Tensor;
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  cumsum(x: Tensor, axis: number, exclusive: boolean, reverse: boolean): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
}
