/**
 * Takes what the serving path would have committed and keeps what a report needs: per product the times and probabilities of its
 * reviews, per surge its records in order.
 */
import { type Complaint, type ScoredReview, scoredText, type StreamPosition, type SurgeContributor, type SurgeEvidence, type SurgeRecord, type WordWeight } from '#contracts';

export interface ProductSeries {
  readonly productId: string;
  /** Newest display name; null when no review gave one. */
  name: string | null;
  /** Event times, epoch ms, in the order they were scored. */
  readonly at: number[];
  /** P(negative) of each, with its own stars: what the detector counted. */
  readonly pNegative: number[];
  /** What may name a cause, of each; of those that are not negative without text and words. */
  readonly complaints: SeenReview[];
}

export interface SeenReview extends Complaint {
  readonly reviewId: string;
  readonly position: StreamPosition;
  readonly at: number;
  readonly pNegative: number;
  readonly topWords: readonly WordWeight[];
}

export interface Explanation {
  readonly contributors: readonly SurgeContributor[];
  readonly evidence: readonly SurgeEvidence[];
}

const UNEXPLAINED: Explanation = { contributors: [], evidence: [] };

const NEGATIVE = 0.5;

export class SurgeCollector {
  readonly products = new Map<string, ProductSeries>();
  private readonly bySurge = new Map<string, SurgeRecord[]>();
  private readonly explanations = new Map<string, Explanation>();
  reviews = 0;
  from = Infinity;
  to = -Infinity;

  take(reviews: readonly ScoredReview[], records: readonly SurgeRecord[]): void {
    for (const { event, pNegativeWithStars: pNegative, topWords } of reviews) {
      let series = this.products.get(event.productId);
      if (series === undefined) this.products.set(event.productId, (series = { productId: event.productId, name: null, at: [], pNegative: [], complaints: [] }));
      series.name = event.productName ?? series.name;
      series.at.push(event.reviewedAt);
      series.pNegative.push(pNegative);
      const { appVersion, region, source, lang, verified, reviewId, position } = event;
      const negative = pNegative >= NEGATIVE;
      series.complaints.push({ reviewId, position, at: event.reviewedAt, pNegative, text: negative ? scoredText(event) : '', topWords: negative ? topWords : [], appVersion, region, source, lang, verified });
      this.reviews += 1;
      this.from = Math.min(this.from, event.reviewedAt);
      this.to = Math.max(this.to, event.reviewedAt);
    }
    for (const record of records) {
      const known = this.bySurge.get(record.surgeId);
      if (known === undefined) this.bySurge.set(record.surgeId, [record]);
      else known.push(record);
    }
  }

  /** Explains every surge's newest record as the scheduler does: from its negatives, the `most` newest before them and its other reviews. */
  explain(explained: (now: readonly SeenReview[], before: readonly SeenReview[], others: readonly SeenReview[]) => Explanation, most: number): void {
    for (const records of this.bySurge.values()) {
      const newest = records.at(-1)!;
      const complaints = (this.products.get(newest.productId)?.complaints ?? []).toSorted((a, b) => a.at - b.at);
      const among = (from: number, to: number, wanted = true) => complaints.filter(({ at, pNegative }) => pNegative >= NEGATIVE === wanted && at >= from && at < to).slice(-most);
      this.explanations.set(newest.surgeId, explained(among(newest.startedAt, newest.at + 1), among(-Infinity, newest.startedAt), among(newest.startedAt, newest.at + 1, false)));
    }
  }

  /** As of its newest record; empty before `explain`. */
  explanationOf(surgeId: string): Explanation {
    return this.explanations.get(surgeId) ?? UNEXPLAINED;
  }

  /** Records of each surge, first to newest; surges in order of their opening. */
  surges(): readonly (readonly SurgeRecord[])[] {
    return [...this.bySurge.values()].sort(([a], [b]) => a!.openedAt - b!.openedAt || (a!.surgeId < b!.surgeId ? -1 : 1));
  }
}
