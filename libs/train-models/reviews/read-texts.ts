/**
 * Reads the labelled texts that the review model learns from: reviews with stars and a date, and sentences that people
 * labelled positive or negative. A file that is missing or malformed stops the training with its name.
 * "Negative" is 1 or 2 stars (for fractional stars: 2.0 and less); everything else, 3 stars included, is the rest.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { TidewatchError } from '#contracts';

export interface LabelledText {
  /** File the text came from, without endings; for reviews this is the stream it belongs to. */
  readonly source: string;
  readonly productId: string | null;
  readonly title: string | null;
  readonly text: string;
  readonly rating: number | null;
  /** Epoch ms; null for sentences. */
  readonly at: number | null;
  readonly negative: boolean;
}

export interface DataFile {
  readonly file: string;
  readonly sha256: string;
  readonly rows: number;
  readonly licence: string;
}

const INTERNAL = 'no licence stated at its source: internal use only, texts are not redistributed';
const RESEARCH = 'research set, no data licence stated: internal use only, texts are not redistributed';
const REVIEW_FILES: Readonly<Record<string, string>> = {
  datafiniti_amazon_devices: INTERNAL,
  googleplay_netflix_2024: INTERNAL,
  amazon_musical_instruments: INTERNAL,
  amazon_multidomain: INTERNAL,
  edmunds_dodge: INTERNAL,
};
// sst5 repeats the sentences of sst2
const SENTENCE_FILES: Readonly<Record<string, string>> = {
  'sst2.train': RESEARCH,
  'mr.train': RESEARCH,
  'cr.all': RESEARCH,
  'uci_amazon_cells.all': 'asks for a citation (Kotzias and others, 2015), names no licence: internal use only',
  'uci_imdb.all': 'asks for a citation (Kotzias and others, 2015), names no licence: internal use only',
};

/** Names of all of them. */
export const TRAINING_SOURCES: readonly string[] = [...Object.keys(REVIEW_FILES), ...Object.keys(SENTENCE_FILES)];

/** What a training learns from and is judged by. */
export interface TrainingTexts {
  /** With stars and a date: split by time. */
  readonly reviews: readonly LabelledText[];
  /** Learnt from only. */
  readonly sentences: readonly LabelledText[];
  /** Sentences that epochs and calibration are judged by, beside the dev reviews; may be none. */
  readonly judged: readonly LabelledText[];
  readonly files: readonly DataFile[];
  /** For the card: what was read, and so what was not. */
  readonly about: string;
}

const ABOUT = 'English reviews of hardware, instruments, books, films, household goods, cars and one streaming app. Other languages and other trades were hardly seen.';
const DEV_SENTENCES = 'sst2.dev';

/** Those of the data folder, for a model that is shipped. */
export const trainingTexts = (dataFolder: string): TrainingTexts => ({ ...readTexts(dataFolder), judged: readSentences(dataFolder, DEV_SENTENCES), about: ABOUT });

export function readTexts(dataFolder: string): { reviews: LabelledText[]; sentences: LabelledText[]; files: DataFile[] } {
  const files: DataFile[] = [];
  const read = (folder: string, endings: string, table: Readonly<Record<string, string>>, parse: (line: string, source: string) => LabelledText) =>
    Object.entries(table).flatMap(([name, licence]) => {
      const path = join(dataFolder, folder, name + endings);
      if (!existsSync(path)) throw new TidewatchError('INPUT_FILE_INVALID', `${folder}/${name}${endings} is not in the data folder; training needs ${Object.keys(table).map((n) => n + endings).join(', ')} there. Pass the folder with --data.`);
      const bytes = readFileSync(path);
      const lines = gunzipSync(bytes).toString('utf8').split('\n').filter((line) => line !== '');
      files.push({ file: `${folder}/${basename(path)}`, sha256: createHash('sha256').update(bytes).digest('hex'), rows: lines.length, licence });
      return lines.flatMap((line, i) => {
        try {
          const item = parse(line, name);
          return item.text.trim() === '' ? [] : [item]; // a label without a text, as cr.all has one, teaches nothing
        } catch (cause) {
          throw new TidewatchError('INPUT_FILE_INVALID', `line ${i + 1} of ${folder}/${name}${endings} cannot be read: ${String(cause)}`, { cause });
        }
      });
    });
  const reviews = read('reviews', '.jsonl.gz', REVIEW_FILES, parseReview);
  const sentences = read('sentiment', '.tsv.gz', SENTENCE_FILES, parseSentence);
  return { reviews, sentences, files };
}

/** Sentences of one file of sentiment/, by its name without endings. */
export function readSentences(dataFolder: string, name: string): LabelledText[] {
  const path = join(dataFolder, 'sentiment', `${name}.tsv.gz`);
  if (!existsSync(path)) throw new TidewatchError('INPUT_FILE_INVALID', `sentiment/${name}.tsv.gz is not in the data folder. Pass the folder with --data.`);
  return gunzipSync(readFileSync(path)).toString('utf8').split('\n').filter((line) => line !== '').map((line) => parseSentence(line, name));
}

function parseReview(line: string, source: string): LabelledText {
  const row = JSON.parse(line) as Record<string, unknown>;
  const { productId, rating, text, title } = row;
  const at = Date.parse(String(row['reviewedAt']));
  if (typeof productId !== 'string' || typeof rating !== 'number' || typeof text !== 'string' || !Number.isFinite(at)) {
    throw new RangeError('expected productId, rating, text and reviewedAt');
  }
  return { source, productId, title: typeof title === 'string' && title !== '' ? title : null, text, rating, at, negative: rating <= 2 };
}

function parseSentence(line: string, source: string): LabelledText {
  const [label, text] = [line.slice(0, 1), line.slice(2)];
  if ((label !== '0' && label !== '1') || line[1] !== '\t') throw new RangeError('expected 0 or 1, a tab, and a text');
  // these sets come with clitics cut off ("do n't", "it 's"); people write them together
  const written = text.replace(/ (n 't|n't)(?= |$)/g, "n't").replace(/ '(s|re|ve|ll|d|m)(?= |$)/g, "'$1");
  return { source, productId: null, title: null, text: written, rating: null, at: null, negative: label === '0' };
}

