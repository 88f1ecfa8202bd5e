/** Who appears in the story: 24 invented products in six kinds, and 8 invented symbols. */
export type Kind = 'app' | 'kitchen' | 'audio' | 'home' | 'outdoor' | 'wear';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  /** Reviews per hour of an average hour, and the share of negatives among them in ordinary times. */
  readonly perHour: number;
  readonly negativeShare: number;
  /** App version before the story's release, e.g. 8.1; null for things. */
  readonly version: string | null;
}

const product = (id: string, name: string, kind: Kind, perHour: number, negativeShare: number, version: string | null = null): Product => ({ id, name, kind, perHour, negativeShare, version });

export const PRODUCTS: readonly Product[] = [
  product('app-ferrypay', 'Ferry Pay', 'app', 9, 0.08, '8.1'),
  product('app-lumenotes', 'Lume Notes', 'app', 11, 0.09, '3.4'),
  product('app-trailmate', 'Trailmate Maps', 'app', 7, 0.09, '5.0'),
  product('app-parcelo', 'Parcelo Tracking', 'app', 6, 0.1, '2.7'),
  product('app-quietly', 'Quietly Sleep Sounds', 'app', 4.5, 0.07, '1.9'),
  product('app-budgetbee', 'Budget Bee', 'app', 4, 0.09, '6.2'),
  product('kit-alder-kettle', 'Alder Gooseneck Kettle', 'kitchen', 3, 0.07),
  product('kit-nord-blender', 'Nord 900 Blender', 'kitchen', 3.5, 0.09),
  product('kit-copperline-pan', 'Copperline Frying Pan', 'kitchen', 2.5, 0.08),
  product('kit-brewbird', 'Brewbird Espresso Machine', 'kitchen', 3, 0.1),
  product('aud-wren-buds', 'Wren Wireless Earbuds', 'audio', 6, 0.1),
  product('aud-cello-bar', 'Cello Soundbar', 'audio', 3, 0.08),
  product('aud-pico-speaker', 'Pico Travel Speaker', 'audio', 3.5, 0.08),
  product('aud-atlas-headset', 'Atlas Office Headset', 'audio', 2.5, 0.09),
  product('hom-hearth-thermostat', 'Hearth Thermostat', 'home', 3, 0.09),
  product('hom-glow-bulbs', 'Glow Smart Bulbs', 'home', 4, 0.09),
  product('hom-sentry-cam', 'Sentry Porch Camera', 'home', 3.5, 0.1),
  product('hom-dustling', 'Dustling Robot Vacuum', 'home', 4, 0.1),
  product('out-ridge-tent', 'Ridge Two-Person Tent', 'outdoor', 1.5, 0.07),
  product('out-fjord-pack', 'Fjord 40 Backpack', 'outdoor', 2, 0.07),
  product('out-ember-stove', 'Ember Camp Stove', 'outdoor', 1.5, 0.08),
  product('wea-strata-jacket', 'Strata Rain Jacket', 'wear', 2.5, 0.08),
  product('wea-mesa-shoes', 'Mesa Trail Shoes', 'wear', 3, 0.09),
  product('wea-tempo-watch', 'Tempo Fitness Watch', 'wear', 4.5, 0.1),
];

export const REGIONS = ['DE', 'US', 'GB', 'FR', 'NL', 'SE', 'CA', 'AU'] as const;
export const REGION_WEIGHTS: readonly number[] = [24, 30, 16, 10, 6, 4, 6, 4];
export const APP_SOURCES = ['play-store', 'app-store', 'web'] as const;
export const SHOP_SOURCES = ['web-shop', 'marketplace', 'store-kiosk'] as const;
export const SOURCE_WEIGHTS: readonly number[] = [55, 35, 10];

export interface Instrument {
  readonly symbol: string;
  readonly price: number;
  /** Standard deviation of a five-minute log return in the long run, and how far it follows the common market. */
  readonly volatility: number;
  readonly beta: number;
  /** Quoted as bid and ask, half this share of the price apart; null: a traded close. */
  readonly spread: number | null;
}

const instrument = (symbol: string, price: number, volatility: number, beta: number, spread: number | null = null): Instrument => ({ symbol, price, volatility, beta, spread });

export const INSTRUMENTS: readonly Instrument[] = [
  instrument('ALDR', 48.2, 0.0011, 0.6),
  instrument('BRWN', 131.5, 0.0009, 0.5),
  instrument('CLLO', 17.85, 0.0018, 0.7),
  instrument('FRRY', 212.4, 0.0014, 0.8),
  instrument('HRTH', 76.1, 0.001, 0.5),
  instrument('NORD', 305.7, 0.0012, 0.7),
  instrument('TDCOIN', 2_840, 0.0026, 0.3),
  instrument('EURTID', 1.0842, 0.00022, 0.2, 0.00004),
];
