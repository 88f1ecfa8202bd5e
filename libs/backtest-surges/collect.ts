/**
 * Takes what the serving path would have committed and keeps what a report needs: per product the times and probabilities of its
 * reviews, per surge its records in order.
 */
import type { ScoredReview, SurgeRecord } from '#contracts';

export interface ProductSeries {
  readonly productId: string;
  /** Newest display name; null when no review gave one. */
  name: string | null;
  /** Event times, epoch ms, in the order they were scored. */
  readonly at: number[];
  /** P(negative) of each. */
  readonly pNegative: number[];
}

export class SurgeCollector {
  readonly products = new Map<string, ProductSeries>();
  private readonly bySurge = new Map<string, SurgeRecord[]>();
  reviews = 0;
  from = Infinity;
  to = -Infinity;

  take(reviews: readonly ScoredReview[], records: readonly SurgeRecord[]): void {
    for (const { event, pNegative } of reviews) {
      let series = this.products.get(event.productId);
      if (series === undefined) this.products.set(event.productId, (series = { productId: event.productId, name: null, at: [], pNegative: [] }));
      series.name = event.productName ?? series.name;
      series.at.push(event.reviewedAt);
      series.pNegative.push(pNegative);
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

  /** Records of each surge, first to newest; surges in order of their opening. */
  surges(): readonly (readonly SurgeRecord[])[] {
    return [...this.bySurge.values()].sort(([a], [b]) => a!.openedAt - b!.openedAt || (a!.surgeId < b!.surgeId ? -1 : 1));
  }
}
