/**
 * Which partition a key belongs to: murmur2 over its UTF-8 bytes, sign bit cleared, modulo the number of partitions, as
 * Kafka's own default partitioner does, so that a stream spreads alike over files and over a broker.
 * Source of the hash: Austin Appleby's MurmurHash2 (32 bit, seed 0x9747b28c), little-endian words.
 */
const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;
const SHIFT = 24;

/** Signed 32-bit hash. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = bytes.length & ~3;
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < tail; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MIX);
    word ^= word >>> SHIFT;
    hash = Math.imul(hash, MIX) ^ Math.imul(word, MIX);
  }
  for (let at = bytes.length - 1; at >= tail; at -= 1) {
    hash ^= bytes[at]! << (8 * (at - tail));
    if (at === tail) hash = Math.imul(hash, MIX);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return hash ^ (hash >>> 15);
}

export function partitionOfKey(key: Uint8Array | string, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key, 'utf8') : key) & 0x7fffffff) % partitions;
}
