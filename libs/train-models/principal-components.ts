/**
 * Principal components of a set of vectors: the directions in which they differ most, by cyclic Jacobi rotations of
 * their covariance (Golub and Van Loan, Matrix Computations, 8.5). Made for a hundred dimensions: takes milliseconds.
 */
export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** Unit vectors, the direction of the largest variance first. */
  readonly directions: readonly Float64Array[];
  readonly variances: readonly number[];
}

/** vectors: at least one, all of the same length. */
export function principalComponents(vectors: readonly ArrayLike<number>[]): PrincipalComponents {
  const size = vectors[0]!.length;
  const mean = new Float64Array(size);
  for (const v of vectors) for (let i = 0; i < size; i++) mean[i]! += v[i]! / vectors.length;
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (const v of vectors) {
    for (let i = 0; i < size; i++) {
      const row = covariance[i]!;
      const d = (v[i]! - mean[i]!) / vectors.length;
      for (let j = 0; j < size; j++) row[j]! += d * (v[j]! - mean[j]!);
    }
  }
  const directions = diagonalize(covariance);
  const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => covariance[b]![b]! - covariance[a]![a]!);
  return {
    mean,
    directions: order.map((k) => Float64Array.from(directions, (row) => row[k]!)),
    variances: order.map((k) => covariance[k]![k]!),
  };
}

/** Rotates `a` until it is diagonal; returns the matrix whose columns are its eigenvectors. */
function diagonalize(a: Float64Array[]): Float64Array[] {
  const n = a.length;
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_unused, j) => Number(i === j)));
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i === j) diagonal += a[i]![i]! ** 2; else off += a[i]![j]! ** 2;
    if (off <= 1e-22 * diagonal) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, p, q);
  }
  return vectors;
}

/** One rotation in the plane of p and q that makes a[p][q] zero. */
function rotate(a: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  if (a[p]![q] === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
  const [rowP, rowQ] = [a[p]!, a[q]!];
  for (let k = 0; k < a.length; k++) [rowP[k], rowQ[k]] = [c * rowP[k]! - s * rowQ[k]!, s * rowP[k]! + c * rowQ[k]!];
  for (const row of vectors) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
}
