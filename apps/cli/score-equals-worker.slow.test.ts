/** `score --history` is the workers' scoring without broker and database: the same probabilities and states, bit for bit. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import type { EncodedText, EntityState, KnownReview, StoredSource, StoredState, StreamMessage, TextEncoder } from '#contracts';
import { defaultDecodeSettings } from '#decode-events';
import { StateCache } from '#drive-stream';
import { openInputStream } from '#read-files';
import { openModel } from '#run-onnx';
import type { OpenModel } from '#serve-models';
import { restoreState } from '#score-with-state';
import { makeStream } from '../../test/flow/support/messages.js';
import { reviewPipeline } from '../review-worker/pipeline.js';
import { reviewTrackerCodec, type ReviewTracker } from '../review-worker/review-tracker.js';
import { scoringParts } from './backtest-surges.js';
import { Progress } from './feed-progress.js';
import { scoreFiles } from './score-files.js';
import { historyScorer } from './score-history.js';

interface Outcome {
  /** In the order of the stream, by product, review and revision. */
  readonly scores: ReadonlyMap<string, readonly [pNegative: number, pNegativeText: number]>;
  readonly states: ReadonlyMap<string, Omit<EntityState<unknown>, 'tracker' | 'snapshotId'>>;
  /** By code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly duplicates: number;
}

const NOW = Date.UTC(2026, 5, 1);
const UNREADABLE = 'text-without-odds';
const keyOf = (reviewId: string, occurrence: number) => `${reviewId} ${occurrence}`;
const stateOf = ({ tracker: _tracker, snapshotId: _snapshot, ...rest }: EntityState<unknown>) => rest;

/** Repeats, revisions, malformed lines, a busy product, and texts for which the model has no number. */
function linesOfStream(): string[] {
  const review = (reviewId: string, text: string, more: object = {}) => JSON.stringify({ reviewId, productId: 'product-1', text, reviewedAt: '2026-01-06T00:00:00Z', rating: 2, ...more });
  const lines = makeStream(31, 1_700, 1).reviews.map(({ value }) => String(value));
  lines.splice(300, 0, review('odd', UNREADABLE), review('odd', UNREADABLE));
  lines.splice(900, 0, review('odd', 'readable at last', { title: 'Again' }), review('r5', UNREADABLE, { revision: 9 }), review('odd', UNREADABLE, { revision: 1 }));
  return lines;
}

/** Texts that contain UNREADABLE get log odds that are no number. */
const unreadable = (encoder: TextEncoder): TextEncoder => ({
  ...encoder,
  encode: async (texts) => (await encoder.encode(texts)).map((one, i): EncodedText => (texts[i]!.includes(UNREADABLE) ? { ...one, logit: NaN } : one)),
});

describe('scoring with history', () => {
  let model: OpenModel;
  let encoder: TextEncoder;
  const lines = linesOfStream();
  before(async () => {
    model = await openModel('models/reviews-v5', { encoderThreads: 1 });
    encoder = unreadable(model.encoder!);
  });
  after(() => model.close());

  async function offline(): Promise<Outcome> {
    const history = historyScorer(model, model.manifest.temperature!);
    let written = '';
    const summary = await scoreFiles({
      files: [{ path: 'stream', open: () => openInputStream('stream', Readable.from([Buffer.from(lines.join('\n'))])) }], map: new Map(), encoder, temperature: model.manifest.temperature!, history,
      write: (text) => { written += text; return Promise.resolve(); }, progress: new Progress({ write: () => undefined }, () => 0), signal: new AbortController().signal, now: () => NOW,
    });
    const scores = new Map<string, readonly [number, number]>();
    for (const line of written.trimEnd().split('\n')) {
      const { reviewId, pNegative, pNegativeText } = JSON.parse(line) as { reviewId: string; pNegative: number; pNegativeText: number };
      let occurrence = 0;
      while (scores.has(keyOf(reviewId, occurrence))) occurrence += 1;
      scores.set(keyOf(reviewId, occurrence), [pNegative, pNegativeText]);
    }
    return { scores, states: new Map([...history.states].map(([entity, state]) => [entity, stateOf(state)])), refused: summary.refusedByCode, duplicates: summary.duplicates };
  }

  /** The worker's flow in batches of `size`; states go through their stored bytes in between. */
  async function worker(size: number): Promise<Outcome> {
    const { scoring } = scoringParts(model, model.manifest.temperature!, 1 / 91);
    const [stored, sources, known] = [new Map<string, StoredState>(), new Map<number, StoredSource>(), new Map<string, KnownReview>()];
    const flow = reviewPipeline({ store: { load: () => Promise.resolve({ states: new Map(stored), known: new Map(known), sources: [...sources.values()] }) }, decode: defaultDecodeSettings, encoder, scoring });
    const messages = lines.map((line, i): StreamMessage => ({ topic: 'reviews', partition: 0, offset: BigInt(i), key: null, timestamp: NOW, value: Buffer.from(line) }));
    const scored: { at: bigint; reviewId: string; pair: readonly [number, number] }[] = [];
    const refused: Record<string, number> = {};
    let duplicates = 0;
    for (let at = 0; at < messages.length; at += size) {
      const batch = { topic: 'reviews', partition: 0, begin: BigInt(at), end: BigInt(Math.min(at + size, messages.length)), messages: messages.slice(at, at + size), highWatermark: BigInt(messages.length), lowWatermark: null };
      const lease = { topic: 'reviews', partition: 0, epoch: 1n, nextOffset: BigInt(at) };
      const { commit } = await flow.complete(await flow.prepare(batch, lease), batch, lease, new StateCache<ReviewTracker>(0));
      for (const { state } of commit.states) stored.set(state.entity, state);
      for (const source of commit.sources!) sources.set(source.place, source);
      for (const { event, pNegative, pNegativeText } of [...commit.reviews, ...commit.corrections]) {
        const { productId, reviewId, revision, contentHash } = event;
        const key = `${productId}\u0000${reviewId}`;
        if (revision >= (known.get(key)?.revision ?? 0)) known.set(key, { productId, reviewId, revision, contentHash });
        scored.push({ at: event.position.offset, reviewId, pair: [pNegative, pNegativeText] });
      }
      for (const { code } of commit.rejections) refused[code] = (refused[code] ?? 0) + 1;
      duplicates += commit.duplicates;
    }
    const scores = new Map<string, readonly [number, number]>();
    for (const { reviewId, pair } of scored.sort((a, b) => Number(a.at - b.at))) {
      let occurrence = 0;
      while (scores.has(keyOf(reviewId, occurrence))) occurrence += 1;
      scores.set(keyOf(reviewId, occurrence), pair);
    }
    return { scores, states: new Map([...stored.values()].map((state) => [state.entity, stateOf(restoreState(state, model.stepper.tensors, reviewTrackerCodec))])), refused, duplicates };
  }

  it('gives the probabilities, the states and the refusals of the worker to the last bit, however the worker cuts its batches', async () => {
    const expected = await offline();
    assert.ok(expected.scores.size > 1_500 && expected.states.size > 30 && expected.duplicates > 20);
    assert.equal(expected.refused['model_output_invalid'], 4);
    assert.ok([...expected.scores.values()].some(([now, text]) => now !== text));
    for (const size of [97, 4_096]) {
      const { scores, states, refused, duplicates } = await worker(size);
      assert.deepEqual(scores, expected.scores);
      assert.deepEqual(new Map([...states].sort()), new Map([...expected.states].sort()));
      assert.deepEqual({ refused, duplicates }, { refused: expected.refused, duplicates: expected.duplicates });
    }
  });
});
