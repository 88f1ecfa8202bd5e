/**
 * How a batch of encoded texts crosses from a worker thread: one buffer, moved and not copied, instead of an object per
 * text. Per text, 4-byte cells: vector (D, float), logit (float), its words and the known among them (int32), then five words of
 * start, end (int32) and weight (float); a word that is not there ends where it starts.
 */
import type { EncodedText, WordWeight } from '#contracts';
import type { WordCount } from './known-words.js';
import { MOST_WORDS, type WordSpan } from './top-words.js';

const CELLS_PER_WORD = 3;

export function cellsPerText(vectorSize: number): number {
  return vectorSize + 3 + MOST_WORDS * CELLS_PER_WORD;
}

export class PackedRows {
  private readonly floats: Float32Array;
  private readonly integers: Int32Array;
  private readonly width: number;

  constructor(readonly buffer: ArrayBuffer, private readonly vectorSize: number) {
    this.floats = new Float32Array(buffer);
    this.integers = new Int32Array(buffer);
    this.width = cellsPerText(vectorSize);
  }

  static forTexts(count: number, vectorSize: number): PackedRows {
    return new PackedRows(new ArrayBuffer(4 * count * cellsPerText(vectorSize)), vectorSize);
  }

  write(row: number, vector: Float32Array, logit: number, count: WordCount, words: readonly WordSpan[]): void {
    let at = row * this.width;
    this.floats.set(vector, at);
    at += this.vectorSize;
    this.floats[at] = logit;
    this.integers[at + 1] = count.words;
    this.integers[at + 2] = count.known;
    at += 3;
    for (const { start, end, weight } of words) {
      this.integers[at] = start;
      this.integers[at + 1] = end;
      this.floats[at + 2] = weight;
      at += CELLS_PER_WORD;
    }
  }

  /** The vector is a view into the buffer. */
  read(row: number, text: string): EncodedText {
    let at = row * this.width;
    const vector = this.floats.subarray(at, at + this.vectorSize);
    at += this.vectorSize;
    const logit = this.floats[at]!;
    const words = this.integers[at + 1]!;
    const knownWords = words === 0 ? null : this.integers[at + 2]! / words;
    at += 3;
    const topWords: WordWeight[] = [];
    for (let word = 0; word < MOST_WORDS; word += 1, at += CELLS_PER_WORD) {
      const start = this.integers[at]!;
      const end = this.integers[at + 1]!;
      if (end === start) break;
      topWords.push({ word: text.slice(start, end), start, end, weight: this.floats[at + 2]! });
    }
    return { vector, logit, knownWords, topWords };
  }
}
