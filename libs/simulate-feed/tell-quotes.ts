/**
 * Quotes as five-minute bars around the clock: log returns with GARCH(1,1) variance (Bollerslev 1986), so that calm and
 * wild hours cluster, Student-like tails (a Gaussian whose scale now and then triples) and one common factor. The path
 * depends on its past, so a walker is told forward from the story's start; walking a year takes a fraction of a second.
 */
import { INSTRUMENTS } from './catalog.js';
import { stream } from './random.js';
import type { StoryMessage } from './message.js';

export const BAR = 300_000;
/** Weight of the last squared return and of the last variance; what is left pulls to the long run. */
const ALPHA = 0.09;
const BETA = 0.88;

interface Path {
  price: number;
  /** Variance relative to the long run. */
  variance: number;
}

export class QuoteWalker {
  private readonly paths: Path[] = INSTRUMENTS.map(({ price }) => ({ price, variance: 1 }));
  private bar = 0;

  constructor(private readonly seed: number, private readonly start: number) {}

  /** Goes on to the first bar after `at` without telling those before. */
  skipTo(at: number): void {
    while (this.start + (this.bar + 1) * BAR <= at) this.step(null);
  }

  /** All bars that close before `until`. */
  tell(until: number): StoryMessage[] {
    const told: StoryMessage[] = [];
    while (this.start + (this.bar + 1) * BAR < until) this.step(told);
    return told;
  }

  private step(told: StoryMessage[] | null): void {
    this.bar += 1;
    const random = stream(this.seed, 2, this.bar);
    const market = random.gaussian();
    INSTRUMENTS.forEach((instrument, i) => {
      const path = this.paths[i]!;
      const own = random.gaussian() * (random.chance(0.03) ? 2.5 : 0.9);
      const shock = instrument.beta * market + Math.sqrt(1 - instrument.beta ** 2) * own;
      const jump = Math.sqrt(path.variance) * shock;
      const open = path.price;
      path.variance = Math.min(1 - ALPHA - BETA + ALPHA * jump * jump + BETA * path.variance, 25);
      path.price *= Math.exp(instrument.volatility * jump);
      const reach = instrument.volatility * Math.sqrt(path.variance) * open * 0.4;
      const high = Math.max(open, path.price) + reach * random.next();
      const low = Math.min(open, path.price) - reach * random.next();
      const volume = Math.round(2_000 * Math.exp(0.5 * random.gaussian()) * (0.5 + path.variance));
      if (told === null) return;
      const at = this.start + this.bar * BAR;
      const round = (price: number) => Number(price.toPrecision(7));
      const half = (instrument.spread ?? 0) * path.price;
      const prices = instrument.spread === null
        ? { open: round(open), high: round(high), low: round(low), close: round(path.price), volume }
        : { bid: round(path.price - half), ask: round(path.price + half) };
      told.push({ stream: 'quotes', key: instrument.symbol, value: JSON.stringify({ symbol: instrument.symbol, at: new Date(at).toISOString(), ...prices, interval: '5m' }), at });
    });
  }
}
