/**
 * What the state model of reviews is given per review, beside its hidden state. Training calls this same function, so
 * what is learned on is what is served.
 * Layout, F = D + 5: [vector (D), text log odds, rating known, rating, gap, has a past].
 */
import type { EncodedText, ReviewEvent } from '#contracts';

export const REVIEW_FEATURES_BESIDE_VECTOR = 5;
const LOGIT_LIMIT = 8;
const LOGIT_SCALE = 4;
const GAP_SCALE = 8;
const GAP_LIMIT = 2;
const MS_PER_HOUR = 3_600_000;

/**
 * @param encoded vector [D] and the uncalibrated logit of the text alone
 * @param lastEventAt of the product before this review, epoch ms; null for its first
 * @param temperature of the model's manifest: logit / temperature is calibrated
 * @returns [D + 5], each of the five within [-2, 2]. A late review counts as one without a gap.
 */
export function reviewFeatures(
  encoded: Pick<EncodedText, 'vector' | 'logit'>,
  event: Pick<ReviewEvent, 'rating' | 'reviewedAt'>,
  lastEventAt: number | null,
  temperature: number,
): Float32Array {
  const size = encoded.vector.length;
  const features = new Float32Array(size + REVIEW_FEATURES_BESIDE_VECTOR); // [F]
  features.set(encoded.vector);
  features[size] = Math.min(LOGIT_LIMIT, Math.max(-LOGIT_LIMIT, encoded.logit / temperature)) / LOGIT_SCALE;
  if (event.rating !== null) {
    features[size + 1] = 1;
    features[size + 2] = (event.rating - 3) / 2;
  }
  if (lastEventAt !== null) {
    const hours = Math.max(0, event.reviewedAt - lastEventAt) / MS_PER_HOUR;
    features[size + 3] = Math.min(Math.log1p(hours) / GAP_SCALE, GAP_LIMIT);
    features[size + 4] = 1;
  }
  return features;
}
