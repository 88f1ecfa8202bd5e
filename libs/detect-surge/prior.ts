/**
 * What is known of a product before its first review: the prior of all products, body of the 'reviews' snapshot.
 * Rate of negatives: gamma(shape, exposure in days). Share of negatives: beta. Over-dispersion: a mean with a weight in buckets.
 * Fitted by moments over the products' own summaries; a product that has its own history soon outweighs it.
 */
import { TidewatchError } from '#contracts';
import { SEASON_SIZE } from './season.js';

export interface SurgePrior {
  /** Gamma: shape / days is the mean rate of negatives per day. */
  readonly rateShape: number;
  readonly rateDays: number;
  /** Beta: pseudo-reviews, negative and other. */
  readonly shareNegatives: number;
  readonly shareOthers: number;
  /** Variance over mean of a bucket's count, and how many buckets that belief is worth. */
  readonly dispersion: number;
  readonly dispersionWeight: number;
  /** Season of all products, [SEASON_SIZE] factors of mean one each part (season.ts); null: flat. */
  readonly season: readonly number[] | null;
}

export const defaultSurgePrior: SurgePrior = { rateShape: 0.5, rateDays: 0.5, shareNegatives: 1, shareOthers: 7, dispersion: 1.1, dispersionWeight: 10, season: null };

/** A snapshot body to a prior; '{}' and absent fields mean the defaults. SETTING_INVALID names a field that is not a positive number. */
export function surgePriorFrom(body: unknown): SurgePrior {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const field = (name: Exclude<keyof SurgePrior, 'season'>): number => {
    const value = given[name] ?? defaultSurgePrior[name];
    if (typeof value === 'number' && value > 0 && value < 1e9) return value;
    throw new TidewatchError('SETTING_INVALID', `the prior's ${name} must be a positive number below 1e9. Write a new snapshot; '{}' means the defaults.`);
  };
  return {
    rateShape: field('rateShape'),
    rateDays: field('rateDays'),
    shareNegatives: field('shareNegatives'),
    shareOthers: field('shareOthers'),
    dispersion: Math.max(1, field('dispersion')),
    dispersionWeight: field('dispersionWeight'),
    season: seasonFrom(given.season),
  };
}

function seasonFrom(given: unknown): readonly number[] | null {
  if (given === undefined || given === null) return null;
  if (Array.isArray(given) && given.length === SEASON_SIZE && given.every((v) => typeof v === 'number' && v > 0 && v < 1e3)) return given.map(Math.fround);
  throw new TidewatchError('SETTING_INVALID', `the prior's season must be ${SEASON_SIZE} positive numbers below 1000, 24 hours of the day and 7 days of the week. Write a new snapshot; without a season all hours are alike.`);
}

const MIN_PRODUCTS = 5;
const MIN_DAYS = 7;

/** Prior of all products from summaries made by summarizeSurge; the default until five products have a week of history. The order of the summaries does not matter. */
export function poolPrior(summaries: readonly Readonly<Record<string, unknown>>[]): SurgePrior {
  const known = summaries
    .map((s) => ({ rate: s.ratePerDay, share: s.share, dispersion: s.dispersion, days: s.days }))
    .filter((s): s is { rate: number; share: number; dispersion: number; days: number } => Object.values(s).every((v) => typeof v === 'number' && Number.isFinite(v) && v > 0) && (s.days as number) >= MIN_DAYS);
  if (known.length < MIN_PRODUCTS) return defaultSurgePrior;
  const rate = moments(known.map((s) => s.rate));
  const share = moments(known.map((s) => s.share));
  const shape = clamp((rate.mean * rate.mean) / Math.max(rate.variance, 1e-12), 0.2, 4);
  const mean = clamp(share.mean, 0.001, 0.999);
  const strength = clamp((mean * (1 - mean)) / Math.max(share.variance, 1e-12) - 1, 4, 60);
  return {
    rateShape: shape,
    rateDays: shape / Math.max(rate.mean, 1e-6),
    shareNegatives: mean * strength,
    shareOthers: (1 - mean) * strength,
    dispersion: Math.max(1, moments(known.map((s) => s.dispersion)).mean),
    dispersionWeight: defaultSurgePrior.dispersionWeight,
    season: poolSeason(summaries),
  };
}

/** Mean season of the products that know theirs, by their reviews; null with fewer than five. Sums in an order of their own: the summaries' does not matter. */
function poolSeason(summaries: readonly Readonly<Record<string, unknown>>[]): readonly number[] | null {
  const known = summaries
    .map(({ season, reviewsPerDay, days }) => ({ season, weight: Number(reviewsPerDay) * Math.min(Number(days), 182) }))
    .filter((s): s is { season: number[]; weight: number } => Array.isArray(s.season) && s.season.length === SEASON_SIZE && s.weight > 0 && s.season.every((factor) => typeof factor === 'number' && factor > 0))
    .sort((a, b) => a.weight - b.weight || String(a.season).localeCompare(String(b.season), 'en'));
  if (known.length < MIN_PRODUCTS) return null;
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  const mean = Array.from({ length: SEASON_SIZE }, (_, i) => known.reduce((sum, { season, weight }) => sum + season[i]! * weight, 0) / total);
  return mean.map((factor) => Math.fround(Math.round(factor * 1000) / 1000));
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = sorted.reduce((sum, v) => sum + v, 0) / sorted.length;
  return { mean, variance: sorted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (sorted.length - 1) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
