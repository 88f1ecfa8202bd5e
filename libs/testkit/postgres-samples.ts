/** Made-up commits for tests and benchmarks of the store: every field set, every value a function of its arguments. */
import type { BatchCommit, Lease, ScoredQuote, ScoredReview, StoredState } from '#contracts';

export const SAMPLE_DAY = Date.UTC(2024, 4, 17);

export function sampleReview(offset: bigint, { productId = 'kettle', reviewId = `r${offset}`, revision = 0, topic = 'reviews.v1', partition = 0 } = {}): ScoredReview {
  const n = Number(offset);
  return {
    event: {
      kind: 'review', position: { topic, partition, offset }, reviewId, productId, productName: `The ${productId}`, title: n % 3 === 0 ? null : 'Not what I hoped for',
      text: `Review number ${n}. The lid came off in the second week and nobody answers the phone; the water, at least, is hot. ${'Again and again. '.repeat(n % 7)}`,
      rating: n % 5 === 0 ? null : 1 + (n % 9) / 2, reviewedAt: SAMPLE_DAY + n * 1000, lang: 'en', source: 'shop', region: n % 2 === 0 ? 'de' : null, appVersion: null,
      verified: n % 4 === 0 ? null : n % 2 === 0, revision, contentHash: `${n}-${revision}`.padStart(32, '0'), extra: n % 10 === 0 ? `{"helpful":${n}}` : null,
    },
    pNegative: 1 / (1.5 + (n % 11)), pNegativeText: 1 / (1.25 + (n % 13)), pNegativeWithStars: 1 / (1.5 + (n % 11)), expectedNegative: n % 17 === 0 ? null : 0.1 + 1 / (3 + n),
    knownWords: n % 7 === 0 ? null : (n % 4) / 4,
    topWords: [{ word: 'lid', start: 18, end: 21, weight: 0.41 }, { word: 'nobody', start: 52, end: 58, weight: 0.2 + (n % 100) / 1000 }, { word: 'phone', start: 71, end: 76, weight: 0.11 }],
    modelId: 'reviews-test',
  };
}

export function sampleQuote(offset: bigint, { symbol = 'ACME', topic = 'quotes.v1', partition = 0 } = {}): ScoredQuote {
  const n = Number(offset);
  const close = 100 + Math.sin(n);
  return {
    event: { kind: 'quote', position: { topic, partition, offset }, symbol, at: SAMPLE_DAY + n * 60_000, close, open: close - 0.1, high: close + 0.2, low: close - 0.3, bid: null, ask: null, volume: n * 10, interval: '1m', extra: null },
    bar: offset + 1n, logReturn: n === 0 ? null : 0.001 * Math.cos(n), breakReason: null, modelId: 'quotes-test',
  };
}

/** `bytes` of hidden state, filled from entity and version. */
export function sampleState(entity: string, version: bigint, bytes = 64): StoredState {
  const seed = entity.length * 31 + Number(version);
  return {
    entity, version, modelId: 'reviews-test', snapshotId: 0n, label: `The ${entity}`, lastEventAt: SAMPLE_DAY + Number(version) * 1000, format: 1,
    hidden: Uint8Array.from({ length: bytes }, (_, i) => (seed * 7 + i * 13) % 256), tracker: Uint8Array.from({ length: bytes / 4 }, (_, i) => (seed + i) % 256),
    checksum: (seed * 2_654_435_761) % 4_294_967_296, summary: `{"version":${version}}`,
  };
}

export function sampleBatch(lease: Lease, nextOffset: bigint, parts: Partial<BatchCommit> = {}): BatchCommit {
  return {
    stream: 'reviews', lease, nextOffset, highWatermark: nextOffset + 5n, watermark: SAMPLE_DAY, states: [], rejections: [], duplicates: 0, reviews: [], corrections: [],
    surges: [], quotes: [], forecasts: [], settlements: [], ...parts,
  };
}
