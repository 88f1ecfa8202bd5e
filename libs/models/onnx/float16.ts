/** Half precision (IEEE 754 binary16) for large tables: half the bytes, three decimal digits, which an embedding does not miss. */
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Nearest half to each number, ties to even; beyond 65,504 infinity. The halves' bit patterns. */
export function toFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfOf);
}

function halfOf(value: number): number {
  float[0] = value;
  const all = bits[0]!;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = all & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00); // NaN, or too large
  if (magnitude < 0x38800000) { // subnormal: a multiple of 2^-24
    const scaled = Math.abs(value) * 2 ** 24;
    return sign | roundToEven(scaled);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1); // may carry into the exponent, as it should
  return sign | ((rounded - 0x38000000) >>> 13);
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
