/** From labelled texts to tokenized ones with their parts. */
import { createHash } from 'node:crypto';
import { scoredText, type TokenizerSpec } from '#contracts';
import { createTokenizer } from '#models';
import { seededRandom } from '#seeded-random';
import { leftOutOf, lettersOf } from './leave-out.js';
import type { LeftOut } from './leave-out.js';
import type { BaseModel } from './base-model.js';
import type { DataFile, LabelledText, TrainingTexts } from './read-texts.js';
import { startRows } from './start-rows.js';
import type { StartRows } from './start-rows.js';
import { splitByTime } from './split.js';
import type { Part } from './split.js';
import { countVocabulary, tokenizeAll } from './tokenized-set.js';
import type { TokenizedSet } from './tokenized-set.js';
import type { WordVectors } from './word-vectors.js';

export interface TableRecipe {
  readonly mostWords: number;
  /** A word seen less often in the training texts has no row of its own. */
  readonly fewestSightings: number;
  readonly hashRows: number;
}
export const TABLE_RECIPE: TableRecipe = { mostWords: 44_000, fewestSightings: 2, hashRows: 16_384 };
/** Words that nobody trained on are taken from the word vectors where they are plain; names and numbers help nobody. */
const PLAIN_WORD = /^[a-z]{2,}$/;
/** So probable it is that a text with three stars is negative, for training: the label leaves it open, and says it is not quite. */
const THREE_STARS = 0.35;
/** A sentence that people judged counts for more than a review with its writer's stars: there are few of them, and they are right. */
const SENTENCE_WEIGHT = 1.5;
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
  /** What each text is trained towards, 0 to 1. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  /** Where the table starts; null when everything is drawn. */
  readonly start: StartRows | null;
  /** Places in `set` to train the encoder on. */
  readonly train: readonly number[];
  /** To train the linear part on: the same reviews, each once and with its title, and the sentences. */
  readonly trainOnce: readonly number[];
  /** Those that epochs and calibration are judged by: the dev reviews and the sentences that are kept for it. */
  readonly dev: readonly number[];
  /** Weight of each of them: one over the root of its source's number, so that no stream drowns the others. */
  readonly devWeights: Float32Array;
  /** Places in `set` of what was left out. */
  readonly leftOut: readonly number[];
  /** Every text of `set`, with its label. */
  readonly texts: readonly LabelledText[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Gives vectors of the words wanted, and of the most frequent of the language. */
export type FindVectors = (wanted: readonly string[]) => Promise<WordVectors>;

export interface PrepareOptions {
  readonly texts: TrainingTexts;
  readonly maxTokens: number;
  readonly seed: number;
  /** Train on so many texts only, drawn by the seed; null for all. */
  readonly limit: number | null;
  readonly table: TableRecipe;
  /** Words that start from their vectors; null where they are drawn, or come with a base. */
  readonly vectors: FindVectors | null;
  /** A model to go on from: its words are kept, and its table is the start. null for a new one. */
  readonly base: Pick<BaseModel, 'vocabulary' | 'spec' | 'encoder'> | null;
  /** Of a row. */
  readonly tokenSize: number;
  /** What is kept out of training and of the dev set; null for nothing. */
  readonly leftOut: LeftOut | null;
}

export async function prepare({ texts: { reviews, sentences, judged, files }, maxTokens, seed, limit, table, vectors, base, tokenSize, leftOut }: PrepareOptions): Promise<Prepared> {
  const parts = splitByTime(reviews);
  // half of the titled reviews are trained on without their title: services that send no titles are served as well
  const untitled = reviews.filter((r, i) => parts[i] === 'train' && r.title !== null && dropsTitle(r));
  const titles = reviews.filter((r, i) => parts[i] === 'train' && r.title !== null).map((r) => ({ ...r, title: null, text: r.title! }));
  const others = [...untitled.map((r) => ({ ...r, title: null })), ...titles, ...sentences];
  const learnt = [...reviews, ...others];
  const all = [...learnt, ...judged];
  const texts = all.map(scoredText);
  const left = leftOutOf([...reviews, ...sentences], leftOut);
  const isLeft = (i: number) => (i < reviews.length ? left[i]! : i >= learnt.length - sentences.length && left[reviews.length + i - (learnt.length - sentences.length)]!);
  const leftLetters = new Set(learnt.flatMap((_, i) => (isLeft(i) ? [lettersOf(texts[i]!)] : [])));
  const mayTrain = (i: number) => leftOut === null || !(isLeft(i) || (all[i]!.source === leftOut.source && leftOut.fold === null) || leftLetters.has(lettersOf(texts[i]!)));
  const candidates = learnt.map((_, i) => i).filter((i) => (i < reviews.length ? parts[i] === 'train' && !(reviews[i]!.title !== null && dropsTitle(reviews[i]!)) : true) && mayTrain(i));
  const train = limit === null ? candidates : drawn(candidates, limit, seed);
  const once = learnt.map((_, i) => i).filter((i) => (i < reviews.length ? parts[i] === 'train' : i >= learnt.length - sentences.length) && mayTrain(i));
  const { vocabulary, spec, start } = base === null ? await newTable(train.map((i) => texts[i]!), { table, vectors, maxTokens, tokenSize }) : { ...base, start: { rows: base.encoder.table, known: 0 } };
  const tokenizer = createTokenizer({ ...spec, knownAlone: false }, vocabulary);
  const dev = all.flatMap((_, i) => ((parts[i] === 'dev' && !left[i]) || i >= learnt.length ? [i] : []));
  const perSource = new Map<string, number>();
  for (const i of dev) perSource.set(all[i]!.source, (perSource.get(all[i]!.source) ?? 0) + 1);
  const of = (part: Part) => parts.filter((p) => p === part).length;
  return {
    reviews, parts, files, vocabulary, spec,
    start, set: tokenizeAll(tokenizer, texts, spec.knownAlone === true),
    negative: all.map((item) => item.negative),
    weights: Float32Array.from(all, ({ rating }) => (rating === null ? SENTENCE_WEIGHT : 1)),
    targets: Float32Array.from(all, ({ negative, rating }) => (negative ? 1 : rating !== null && rating < 4 ? THREE_STARS : 0)),
    leftOut: learnt.flatMap((_, i) => (isLeft(i) ? [i] : [])), texts: all,
    train, trainOnce: limit === null ? once : drawn(once, Math.min(limit, once.length), seed), dev, devWeights: Float32Array.from(dev, (i) => 1 / Math.sqrt(perSource.get(all[i]!.source)!)),
    counts: { 'encoder: trained on': train.length, 'of these titles alone': train.filter((i) => i >= reviews.length + untitled.length && i < learnt.length - sentences.length).length, 'of these sentences': train.filter((i) => i >= learnt.length - sentences.length).length, 'reviews trained on': of('train'), 'dev reviews': of('dev'), 'dev sentences': judged.length, 'test reviews': of('test'), 'reviews of products never trained on': of('heldOut') },
  };
}

interface Table {
  readonly vocabulary: readonly string[];
  readonly spec: TokenizerSpec;
  readonly start: StartRows | null;
}

async function newTable(trained: readonly string[], { table, vectors, maxTokens, tokenSize }: Pick<PrepareOptions, 'table' | 'vectors' | 'maxTokens' | 'tokenSize'>): Promise<Table> {
  const words = countVocabulary(trained, table.mostWords, table.fewestSightings);
  const known = vectors === null ? null : await vectors(words);
  const vocabulary = known === null ? words : filledUp(words, known, table.mostWords);
  const spec: TokenizerSpec = { vocabulary: VOCABULARY_FILE, vocabularySize: vocabulary.length, hashRows: table.hashRows, slots: 4, maxTokens, knownAlone: true };
  return { vocabulary, spec, start: known === null ? null : startRows(createTokenizer({ ...spec, knownAlone: false }, vocabulary), vocabulary, known, tokenSize) };
}

/** The trained words, then the most frequent of those that have a vector, until there are `most`. */
function filledUp(words: readonly string[], vectors: WordVectors, most: number): string[] {
  const present = new Set(words);
  const others = [...vectors.keys()].filter((word) => PLAIN_WORD.test(word) && !present.has(word));
  return [...words, ...others.slice(0, Math.max(0, most - words.length))];
}

function dropsTitle({ text, productId, at }: LabelledText): boolean {
  return createHash('sha256').update(`${productId} ${at} ${text}`).digest()[0]! % 2 === 0;
}

function drawn(items: readonly number[], count: number, seed: number): number[] {
  const random = seededRandom(seed + 1);
  return items.map((item) => ({ item, key: random() })).sort((a, b) => a.key - b.key).slice(0, count).map(({ item }) => item).sort((a, b) => a - b);
}
