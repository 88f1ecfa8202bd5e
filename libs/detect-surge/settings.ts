/**
 * Settings of the surge detector. The one knob a user turns is the alarm budget; everything else is a stated constant
 * that a product with 5 to 40 reviews a day was in mind for. Times are event time in ms. Whoever scales every time by c
 * and the rates by 1/c gets the same alarms at scaled times.
 */
import { createHash } from 'node:crypto';
import { type CalendarEvent, LEAST_BUDGET, MOST_BUDGET, type SurgeChannel, TidewatchError } from '#contracts';
import { RATIOS, RUN_WEIGHTS } from './cusum.js';
import type { TableNode } from './table-node.js';
import { checkTimeZone } from './zone.js';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** Events of one product, by their beginning, as snapshot `id` of the calendar has them. */
export interface ProductCalendar {
  readonly id: number;
  readonly events: readonly CalendarEvent[];
}

/** False alarms a day over all products, and how many products there are. */
export interface Portfolio {
  readonly perDay: number;
  readonly products: number;
}

export const NO_CALENDAR: ProductCalendar = { id: 0, events: [] };

export interface SurgeSettings {
  /** Names these settings in every record; made from the values unless given. */
  readonly settingsId: string;
  /** False alarms asked for, per product and day, shared equally by the channels. Default: one a quarter (91 days). */
  readonly budgetPerDay: number;
  /** Whose budget that is (budgets.ts), and what all products together may raise: like the calendar no part of settingsId. */
  readonly budgetSource: string;
  readonly portfolio: Portfolio | null;
  readonly channels: readonly SurgeChannel[];
  /** Weights of the runs, one for each of RATIOS, of sum one. Whoever knew the size of a rise would put all on one. */
  readonly runWeights: readonly number[];
  /** The threshold's table; null: the committed one, as it should be for everybody but the calibration. */
  readonly thresholdTable: readonly TableNode[] | null;
  /**
   * 'share': where the others have risen too, a risen count opens a surge only if the share of negatives is risen (z >= gateZ), so
   * neither a sale with ten times the praise nor ten times of everything fires. 'none': ten times of everything fires count.
   */
  readonly countGate: 'share' | 'none';
  readonly gateZ: number;
  /** Reviews of a kind closer than this may be one burst of posting; less where many come anyway. */
  readonly burstMs: number;
  /** 'learned': expected rates follow the local hour of the week in `timeZone` (buckets of a day only). 'none': all hours alike. */
  readonly season: 'learned' | 'none';
  readonly timeZone: string;
  /** Length of the baseline's bucket: over-dispersion is measured between buckets, and rates are learned at their ends. */
  readonly bucketMs: number;
  /** The baseline forgets half in this time. */
  readonly halfLifeMs: number;
  /** So does the over-dispersion in this time: how a product's days swing changes more slowly than how many reviews they bring, and takes longer to learn. */
  readonly dispersionHalfLifeMs: number;
  /** Weight of a bucket that a surge touched. */
  readonly surgeWeight: number;
  /** A bucket teaches the share at most this many times the usual volume: a sale must not become the normal. */
  readonly volumeCap: number;
  /** The baseline is taken this many posterior standard deviations above its mean: what is not known cannot alarm. */
  readonly guard: number;
  /** Warm-up of a new product: no alarm before both are reached. */
  readonly warmupReviews: number;
  readonly warmupMs: number;
  /** Volume floor: expected number of negatives (sum of P) since the change, followers in bursts apart. */
  readonly minNegatives: number;
  /** The change must have lasted this long. */
  readonly persistMs: number;
  /** A surge that is alive is worsening when its severity rose by so many steps, or its observed negatives by this factor, since the newest record. */
  readonly worsenBy: number;
  readonly worsenGrowth: number;
  /** Evidence (log likelihood ratio, normal again : surge goes on) that makes a surge easing, and that closes it. */
  readonly easeEvidence: number;
  readonly closeEvidence: number;
  /** A surge is easing no sooner than this after it last looked alive. */
  readonly minCalmMs: number;
  /** A surge is closed no sooner than this after it last looked alive. Until then a new rise continues the same episode. */
  readonly minQuietMs: number;
  /** A surge without any negative review for this long is closed whatever the evidence. */
  readonly silenceMs: number;
  /** After this long the new level is the normal: the surge is closed and the baseline starts from it. */
  readonly maxOpenMs: number;
  /** Known events of the product at hand (calendar.ts): no setting of anybody's, and no part of settingsId. */
  readonly calendar: ProductCalendar;
}

export const defaultSurgeSettings: SurgeSettings = {
  settingsId: 'default-5',
  budgetPerDay: 1 / 91,
  budgetSource: 'default',
  portfolio: null,
  channels: ['count', 'share'],
  runWeights: RUN_WEIGHTS,
  thresholdTable: null,
  countGate: 'share',
  gateZ: 2.5,
  burstMs: HOUR_MS / 6,
  season: 'learned',
  timeZone: 'UTC',
  bucketMs: DAY_MS,
  halfLifeMs: 28 * DAY_MS,
  dispersionHalfLifeMs: 182 * DAY_MS,
  surgeWeight: 0.1,
  volumeCap: 3,
  guard: 0.5,
  warmupReviews: 20,
  warmupMs: 3 * DAY_MS,
  minNegatives: 4,
  persistMs: 0.5 * HOUR_MS,
  worsenBy: 1,
  worsenGrowth: 1.5,
  easeEvidence: 1,
  closeEvidence: 2,
  minCalmMs: 2 * HOUR_MS,
  minQuietMs: 8 * HOUR_MS,
  silenceMs: 2 * DAY_MS,
  maxOpenMs: 14 * DAY_MS,
  calendar: NO_CALENDAR,
};

/** What belongs to one product, or names no value. */
const UNNAMED = ['settingsId', 'calendar', 'budgetSource', 'portfolio'];

/** Defaults with overrides, checked. SETTING_INVALID names the setting. */
export function surgeSettings(overrides: Partial<SurgeSettings> = {}): SurgeSettings {
  const merged = { ...defaultSurgeSettings, ...overrides };
  const refuse = (name: keyof SurgeSettings, expected: string): never => {
    throw new TidewatchError('SETTING_INVALID', `surge setting ${name} must be ${expected}. Correct it or leave it out for the default.`);
  };
  for (const name of Object.keys(overrides)) {
    if (!(name in defaultSurgeSettings)) throw new TidewatchError('SETTING_INVALID', `there is no surge setting "${name.slice(0, 60)}"; known are ${Object.keys(defaultSurgeSettings).join(', ')}.`);
  }
  const finite = (name: keyof SurgeSettings, low: number, high: number, unit: string) => {
    const value = merged[name];
    if (typeof value !== 'number' || !(value >= low && value <= high)) refuse(name, `a number from ${low} to ${high} (${unit})`);
  };
  finite('budgetPerDay', LEAST_BUDGET, MOST_BUDGET, 'false alarms per product and day; 1/91 is one a quarter');
  finite('gateZ', 0, 10, 'standard deviations');
  finite('bucketMs', HOUR_MS, 31 * DAY_MS, 'ms');
  finite('halfLifeMs', merged.bucketMs, 3650 * DAY_MS, 'ms, at least one bucket');
  finite('dispersionHalfLifeMs', merged.bucketMs, 3650 * DAY_MS, 'ms, at least one bucket');
  finite('surgeWeight', 0, 1, 'share');
  finite('volumeCap', 1, 1000, 'times the usual volume');
  finite('guard', 0, 10, 'standard deviations');
  finite('warmupReviews', 1, 1e6, 'reviews');
  finite('minNegatives', 1, 1e6, 'expected negatives');
  finite('worsenBy', 1, 9, 'severity steps');
  finite('worsenGrowth', 1.01, 1000, 'times the observed');
  finite('easeEvidence', 0.01, 100, 'nats');
  finite('closeEvidence', merged.easeEvidence, 100, 'nats, at least easeEvidence');
  for (const name of ['burstMs', 'warmupMs', 'persistMs', 'minCalmMs', 'minQuietMs', 'silenceMs', 'maxOpenMs'] as const) finite(name, 0, 3650 * DAY_MS, 'ms');
  const weights = merged.runWeights as unknown;
  if (!Array.isArray(weights) || weights.length !== RATIOS.length || !weights.every((w) => typeof w === 'number' && w >= 0) || Math.abs(weights.reduce((a: number, b: number) => a + b, 0) - 1) > 1e-9) refuse('runWeights', `${RATIOS.length} numbers of at least zero and of sum one`);
  const channels = merged.channels as readonly string[];
  if (!Array.isArray(channels) || channels.length === 0 || channels.some((c) => c !== 'count' && c !== 'share') || new Set(channels).size !== channels.length) refuse('channels', '"count", "share" or both');
  if ((merged.season as string) !== 'learned' && (merged.season as string) !== 'none') refuse('season', '"learned" or "none"');
  checkTimeZone(merged.timeZone);
  if ((merged.countGate as string) !== 'share' && (merged.countGate as string) !== 'none') refuse('countGate', '"share" or "none"');
  if (overrides.settingsId !== undefined || Object.keys(overrides).length === 0) return merged;
  const values = Object.entries(merged).filter(([name]) => !UNNAMED.includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...merged, settingsId: `surge-${createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 8)}` };
}
