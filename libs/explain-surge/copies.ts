/**
 * Near-identical texts. A text is the set of its pairs of neighbouring words; two are near-copies when at least COPY of the pairs of either are
 * in both (Jaccard). MinHash signatures (Broder 1997), cut into bands (Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 3.4),
 * find the pairs worth comparing, so that memory and time grow with the number of texts and not with its square. What hangs together is one group.
 * Texts of fewer than LEAST_WORDS words are left alone: people say "waste of money" without knowing of each other.
 */
export const LEAST_WORDS = 8;
const COPY = 0.4;
const READ_WORDS = 400;
const BANDS = 32;
const ROWS = 2;
/** Texts of one band's bucket that each text is compared with: a bucket that everything falls into must not cost its square. */
const MOST_COMPARED = 50;

/** Groups of two and more, each the places of its texts, ascending; the largest first. */
export function copyGroups(texts: readonly string[]): number[][] {
  const pairs = texts.map(pairsOf);
  const parent = texts.map((_, i) => i);
  const rootOf = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!;
    return i;
  };
  const signatures = pairs.map((set) => (set === null ? null : signatureOf(set)));
  for (let band = 0; band < BANDS; band += 1) {
    const buckets = new Map<string, number[]>();
    signatures.forEach((signature, i) => {
      if (signature === null) return;
      const key = String(signature.subarray(band * ROWS, (band + 1) * ROWS));
      const bucket = buckets.get(key);
      if (bucket === undefined) return void buckets.set(key, [i]);
      for (const other of bucket) if (rootOf(other) !== rootOf(i) && jaccard(pairs[other]!, pairs[i]!) >= COPY) parent[rootOf(i)] = rootOf(other);
      if (bucket.length < MOST_COMPARED) bucket.push(i);
    });
  }
  const groups = new Map<number, number[]>();
  texts.forEach((_, i) => {
    const root = rootOf(i);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [i]);
    else group.push(i);
  });
  return [...groups.values()].filter(({ length }) => length > 1).sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** Hashes of the pairs of neighbouring words; null for a text that is too short. */
function pairsOf(text: string): Set<number> | null {
  const words = text.normalize('NFKC').toLowerCase().replace(/['’]/g, '').match(/[\p{L}\p{N}]+/gu)?.slice(0, READ_WORDS) ?? [];
  if (words.length < LEAST_WORDS) return null;
  const pairs = new Set<number>();
  for (let i = 0; i + 1 < words.length; i += 1) pairs.add(hashOf(`${words[i]} ${words[i + 1]}`));
  return pairs;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function signatureOf(pairs: ReadonlySet<number>): Uint32Array {
  const lowest = new Uint32Array(BANDS * ROWS).fill(0xffffffff);
  for (const pair of pairs) {
    for (let k = 0; k < lowest.length; k += 1) {
      const mixed = mix(pair + Math.imul(k + 1, 0x9e3779b9));
      if (mixed < lowest[k]!) lowest[k] = mixed;
    }
  }
  return lowest;
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let both = 0;
  for (const pair of small) if (large.has(pair)) both += 1;
  return both / (a.size + b.size - both);
}
