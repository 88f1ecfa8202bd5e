/** From the files of the data folder to tokenized texts with their parts. */
import { createHash } from 'node:crypto';
import { scoredText, type TokenizerSpec } from '#contracts';
import { createTokenizer, seededRandom } from '#models';
import { readTexts } from './read-texts.js';
import type { DataFile, LabelledText } from './read-texts.js';
import { splitByTime } from './split.js';
import type { Part } from './split.js';
import { countVocabulary, tokenizeAll } from './tokenized-set.js';
import type { TokenizedSet } from './tokenized-set.js';

export interface TableRecipe {
  readonly mostWords: number;
  /** A word seen less often in the training texts has no row of its own. */
  readonly fewestSightings: number;
  readonly hashRows: number;
}
export const TABLE_RECIPE: TableRecipe = { mostWords: 16_000, fewestSightings: 2, hashRows: 16_384 };
export const VOCABULARY_FILE = 'vocabulary.txt';

export interface Prepared {
  readonly reviews: readonly LabelledText[];
  readonly parts: readonly Part[];
  readonly files: readonly DataFile[];
  readonly vocabulary: readonly string[];
  readonly spec: TokenizerSpec;
  /** First every review with its title, in the order of `reviews`; then the other texts to train on. */
  readonly set: TokenizedSet;
  readonly negative: readonly boolean[];
  /** Places in `set` to train the encoder on. */
  readonly train: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
}

/** limit: train on so many texts only, drawn by the seed; null for all. */
export function prepare(dataFolder: string, maxTokens: number, seed: number, limit: number | null, table: TableRecipe): Prepared {
  const { reviews, sentences, files } = readTexts(dataFolder);
  const parts = splitByTime(reviews);
  // half of the titled reviews are trained on without their title: services that send no titles are served as well
  const untitled = reviews.filter((r, i) => parts[i] === 'train' && r.title !== null && dropsTitle(r));
  const others = [...untitled.map((r) => ({ ...r, title: null })), ...sentences];
  const all = [...reviews, ...others];
  const texts = all.map(scoredText);
  const candidates = all.map((_, i) => i).filter((i) => (i < reviews.length ? parts[i] === 'train' && !(reviews[i]!.title !== null && dropsTitle(reviews[i]!)) : true));
  const train = limit === null ? candidates : drawn(candidates, limit, seed);
  const vocabulary = countVocabulary(train.map((i) => texts[i]!), table.mostWords, table.fewestSightings);
  const spec: TokenizerSpec = { vocabulary: VOCABULARY_FILE, vocabularySize: vocabulary.length, hashRows: table.hashRows, slots: 4, maxTokens };
  const of = (part: Part) => parts.filter((p) => p === part).length;
  return {
    reviews, parts, files, vocabulary, spec,
    set: tokenizeAll(createTokenizer(spec, vocabulary), texts),
    negative: all.map((item) => item.negative),
    train,
    counts: { 'encoder: trained on': train.length, 'of these sentences': train.filter((i) => i >= reviews.length + untitled.length).length, 'reviews trained on': of('train'), 'dev reviews': of('dev'), 'test reviews': of('test'), 'reviews of products never trained on': of('heldOut') },
  };
}

function dropsTitle({ text, productId, at }: LabelledText): boolean {
  return createHash('sha256').update(`${productId} ${at} ${text}`).digest()[0]! % 2 === 0;
}

function drawn(items: readonly number[], count: number, seed: number): number[] {
  const random = seededRandom(seed + 1);
  return items.map((item) => ({ item, key: random() })).sort((a, b) => a.key - b.key).slice(0, count).map(({ item }) => item).sort((a, b) => a - b);
}
