/** Figures on the test reviews: text alone and with history, in all, per stream, and for products that were never seen. */
import { binaryFigures, logLossOf } from '../metrics.js';
import type { ReviewFigures } from './card.js';
import { historiesOf } from './histories.js';
import type { Prepared } from './prepare.js';
import type { HistoryScores } from './train-history.js';

export function testFigures({ reviews, parts, negative }: Prepared, textLogits: Float32Array, scores: HistoryScores) {
  const groups: Record<string, number[]> = { 'all streams': [] };
  parts.forEach((part, i) => {
    if (part === 'test') {
      groups['all streams']!.push(i);
      (groups[reviews[i]!.source] ??= []).push(i);
    }
  });
  groups['products never seen'] = parts.flatMap((part, i) => (part === 'heldOut' ? [i] : []));
  const figures: Record<string, { text: ReviewFigures; history: ReviewFigures }> = {};
  for (const [name, events] of Object.entries(groups)) {
    const labels = events.map((i) => Number(negative[i]));
    const clear = events.map((i) => reviews[i]!.rating !== 3);
    const figuresOf = (logits: number[]): ReviewFigures => ({ ...binaryFigures(logits, labels), accuracyTwoSided: accuracyWhere(clear, logits, labels) });
    figures[name] = { text: figuresOf(events.map((i) => textLogits[i]!)), history: figuresOf(events.map((i) => scores.logit.get(i)!)) };
  }
  return { figures, expectation: expectationFigures({ reviews, parts, negative }, scores) };
}

function accuracyWhere(counted: readonly boolean[], logits: readonly number[], labels: readonly number[]): number {
  const right = counted.filter((yes, i) => yes && (logits[i]! > 0) === (labels[i] === 1)).length;
  return right / counted.filter((yes) => yes).length;
}

/** The expectation before each review against two simple ones: the training set's share, and the product's own so far. */
function expectationFigures({ reviews, parts, negative }: Pick<Prepared, 'reviews' | 'parts' | 'negative'>, scores: HistoryScores) {
  const trained = parts.flatMap((part, i) => (part === 'train' ? [Number(negative[i])] : []));
  const share = trained.reduce((a, b) => a + b, 0) / trained.length;
  const asLogit = (p: number) => Math.log(p / (1 - p));
  const sums = { logLoss: 0, logLossOfConstantShare: 0, logLossOfRunningShare: 0, reviews: 0 };
  for (const events of historiesOf(reviews)) {
    let seen = 0;
    events.forEach((event, before) => {
      const label = Number(negative[event]);
      const expected = scores.expected.get(event) ?? null;
      if (parts[event] === 'test' && expected !== null) {
        sums.logLoss += logLossOf(expected, label);
        sums.logLossOfConstantShare += logLossOf(asLogit(share), label);
        sums.logLossOfRunningShare += logLossOf(asLogit((seen + 2 * share) / (before + 2)), label); // two reviews' worth of prior
        sums.reviews += 1;
      }
      seen += label;
    });
  }
  return { reviews: sums.reviews, logLoss: sums.logLoss / sums.reviews, logLossOfConstantShare: sums.logLossOfConstantShare / sums.reviews, logLossOfRunningShare: sums.logLossOfRunningShare / sums.reviews };
}
