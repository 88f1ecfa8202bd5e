/**
 * What a tokenizer found for the words it has seen, looked up by a word's code units where they lie in the text, so that a
 * known word costs no string. Open addressing over flat arrays; two generations of bounded size: a full young one becomes
 * the old one, and a word that is met again moves up, so common words stay and the rare are forgotten.
 */
export class WordMemo {
  private young: Generation;
  private old: Generation;

  /** @param values numbers kept per word. @param words kept at most per generation. */
  constructor(values: number, words = 32_768) {
    this.young = new Generation(values, words);
    this.old = new Generation(values, words);
  }

  /**
   * Writes the values of the word codes[from, to) to `out` at `at`.
   * @param make called for an unknown word; gives its values
   */
  copy(codes: Uint16Array, from: number, to: number, out: Int32Array, at: number, make: () => Int32Array): void {
    if (to - from > LONGEST) {
      out.set(make(), at);
      return;
    }
    const hash = hashOfCodes(codes, from, to);
    let place = this.young.find(hash, codes, from, to);
    if (place < 0) {
      const older = this.old.find(hash, codes, from, to);
      const found = older < 0 ? make() : this.old.valuesAt(older);
      if (this.young.isFull(to - from)) {
        [this.young, this.old] = [this.old, this.young];
        this.young.clear();
      }
      place = this.young.put(hash, codes, from, to, found);
    }
    this.young.copy(place, out, at);
  }
}

/** Code units; longer words are rarely met twice. */
const LONGEST = 64;
const CODES_PER_WORD = 16;
/** Of an entry: hash, start and length of its code units; then the values. */
const HEADER = 3;

/** FNV-1a, mixed; never 0, which marks a free place. */
function hashOfCodes(codes: Uint16Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i += 1) h = Math.imul(h ^ codes[i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h ^= h >>> 13;
  return h === 0 ? 1 : h;
}

/** Entries lie together, [places, HEADER + values]: a lookup waits for memory, not for the processor. */
class Generation {
  private readonly stride: number;
  private readonly mask: number;
  private readonly entries: Int32Array;
  private readonly codes: Uint16Array;
  private count = 0;
  private used = 0;

  constructor(private readonly values: number, private readonly words: number) {
    const places = 2 ** Math.ceil(Math.log2(2 * words));
    this.stride = HEADER + values;
    this.mask = places - 1;
    this.entries = new Int32Array(places * this.stride);
    this.codes = new Uint16Array(words * CODES_PER_WORD);
  }

  isFull(length: number): boolean {
    return this.count >= this.words || this.used + length > this.codes.length;
  }

  clear(): void {
    this.entries.fill(0);
    this.count = 0;
    this.used = 0;
  }

  /** Where the word's entry begins; -1 when it is not here. */
  find(hash: number, codes: Uint16Array, from: number, to: number): number {
    const { entries } = this;
    for (let place = hash & this.mask; ; place = (place + 1) & this.mask) {
      const at = place * this.stride;
      if (entries[at] === 0) return -1;
      if (entries[at] === hash && entries[at + 2] === to - from && this.holds(entries[at + 1]!, codes, from, to)) return at;
    }
  }

  /** Call when the word is not here and there is room. */
  put(hash: number, codes: Uint16Array, from: number, to: number, values: Int32Array): number {
    let place = hash & this.mask;
    while (this.entries[place * this.stride] !== 0) place = (place + 1) & this.mask;
    const at = place * this.stride;
    this.entries[at] = hash;
    this.entries[at + 1] = this.used;
    this.entries[at + 2] = to - from;
    this.entries.set(values, at + HEADER);
    this.codes.set(codes.subarray(from, to), this.used);
    this.used += to - from;
    this.count += 1;
    return at;
  }

  valuesAt(entry: number): Int32Array {
    return this.entries.slice(entry + HEADER, entry + this.stride);
  }

  copy(entry: number, out: Int32Array, at: number): void {
    for (let k = 0; k < this.values; k += 1) out[at + k] = this.entries[entry + HEADER + k]!;
  }

  private holds(start: number, codes: Uint16Array, from: number, to: number): boolean {
    for (let i = from; i < to; i += 1) if (this.codes[start + i - from] !== codes[i]) return false;
    return true;
  }
}
