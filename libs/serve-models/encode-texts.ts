/**
 * Texts to packed rows on one thread: tokenize, group by length bucket, run each group, find its words. A text is padded
 * to a bucket that depends on that text alone, because padding moves the last bit of a pooled result; so a text's row is
 * the same to the last bit, whatever it is encoded beside.
 */
import type { ModelManifest } from '#contracts';
import { bucketOf, createTokenizer, type TokenizedText } from '#models';
import { type CreateSession, sessionProblems } from './graph-session.js';
import { countWords } from './known-words.js';
import { PackedRows } from './packed-rows.js';
import { topWords } from './top-words.js';

/** A run takes at most so many tokens (rows x length), which keeps a call within some 20 ms and its arrays in the cache. */
const TOKENS_PER_RUN = 8192;
const MOST_ROWS_PER_RUN = 128;

export interface EncoderFiles {
  readonly encoder: NonNullable<ModelManifest['encoder']>;
  readonly model: Uint8Array;
  readonly vocabulary: Uint8Array;
}

export interface TextRunner {
  readonly vectorSize: number;
  tokenize(texts: readonly string[]): TokenizedText[];
  /** @param tokens of each text */
  encode(texts: readonly string[], tokens: readonly TokenizedText[]): Promise<PackedRows>;
}

/** Empty, short and long: the probe, and the warm-up of each thread. */
const PROBE_TEXTS = ['', ...Array.from({ length: 24 }, (_, i) => `${'Stopped working after two weeks. '.repeat(i % 4 === 3 ? i : i % 4)}good ${i}`)];

/** @throws Error whose message lists what differs from the manifest, or says what a probe found */
export async function createTextRunner(createSession: CreateSession, { encoder, model, vocabulary }: EncoderFiles): Promise<TextRunner> {
  const session = await createSession(model);
  const problems = sessionProblems(encoder.file, session, encoder.inputs, encoder.outputs);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const tokenizer = createTokenizer(encoder.tokenizer, wordsOf(vocabulary));
  const vectorSize = encoder.outputs.find(({ name }) => name === 'vector')!.shape[0]!;
  const outputs = encoder.outputs.map(({ name }) => name);
  const { slots } = encoder.tokenizer;

  async function runGroup(texts: readonly string[], tokens: readonly TokenizedText[], group: readonly number[], length: number, rows: PackedRows): Promise<void> {
    const batch = group.length;
    const ids = new Int32Array(batch * length * slots); // [B, T, K], 0 is the empty row
    const lengths = new Int32Array(batch); // [B]
    group.forEach((text, row) => {
      ids.set(tokens[text]!.rows, row * length * slots);
      lengths[row] = tokens[text]!.length;
    });
    const result = await session.run({ ids: { data: ids, shape: [batch, length, slots] }, lengths: { data: lengths, shape: [batch] } }, outputs);
    const { vector, logit, attention } = result; // [B, D], [B], [B, T]
    group.forEach((text, row) => {
      const words = attention === undefined ? [] : topWords(texts[text]!, tokens[text]!, attention.subarray(row * length, (row + 1) * length));
      rows.write(text, vector!.subarray(row * vectorSize, (row + 1) * vectorSize), logit![row]!, countWords(texts[text]!, tokens[text]!), words);
    });
  }

  const runner: TextRunner = {
    vectorSize,
    tokenize: (texts) => texts.map((text) => tokenizer.tokenize(text)),
    async encode(texts, tokens) {
      const rows = PackedRows.forTexts(texts.length, vectorSize);
      const buckets = new Map<number, number[]>();
      tokens.forEach(({ length }, text) => {
        const bucket = bucketOf(length);
        const group = buckets.get(bucket);
        if (group === undefined) buckets.set(bucket, [text]);
        else group.push(text);
      });
      for (const [length, group] of buckets) {
        const most = Math.max(1, Math.min(MOST_ROWS_PER_RUN, Math.floor(TOKENS_PER_RUN / length)));
        for (let from = 0; from < group.length; from += most) await runGroup(texts, tokens, group.slice(from, from + most), length, rows);
      }
      return rows;
    },
  };
  await probe(runner, encoder.file);
  return runner;
}

async function probe(runner: TextRunner, file: string): Promise<void> {
  const encode = async (texts: readonly string[]) => {
    const rows = await runner.encode(texts, runner.tokenize(texts));
    return texts.map((text, row) => rows.read(row, text));
  };
  const together = await encode(PROBE_TEXTS);
  for (const [i, text] of PROBE_TEXTS.entries()) {
    const { vector, logit } = together[i]!;
    if (!Number.isFinite(logit) || !vector.every(Number.isFinite)) throw new Error(`${file} gives numbers that are not finite for an ordinary text ('${text.slice(0, 20)}')`);
    const [alone] = await encode([text]);
    if (!Object.is(alone!.logit, logit) || !vector.every((value, j) => Object.is(value, alone!.vector[j]))) {
      throw new Error(`${file} gives a text other bits alone than beside others ('${text.slice(0, 20)}'): no row of the graph may touch another, and no operator may depend on where a row stands`);
    }
  }
}

function wordsOf(vocabulary: Uint8Array): string[] {
  const text = Buffer.from(vocabulary).toString('utf8');
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
