/**
 * What happens when, in milliseconds of event time from the story's start: one clear surge with one cause that opens,
 * worsens, eases and is over within 27 hours; a sale that brings praise alone; and from then on a smaller surge a week.
 * Rates are reviews per hour on top of the ordinary ones.
 */
import { PRODUCTS } from './catalog.js';
import { stream } from './random.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Why a surge's reviewers complain: shared words, version and place, so that its contributors mean something. */
export interface Cause {
  /** The version that brings it; null for things. */
  readonly version: string | null;
  readonly region: string;
  readonly complaints: readonly string[];
  readonly titles: readonly string[];
}

export interface Surge {
  readonly product: number;
  readonly from: number;
  readonly until: number;
  /** Negatives per hour at the worst. */
  readonly peak: number;
  readonly cause: Cause;
}

const LOGIN_CRASH: Cause = {
  version: '8.2',
  region: 'DE',
  complaints: ['since the update to 8.2 it crashes at login', 'version 8.2 crashes as soon as I log in', 'the new update is broken, it crashes at the login screen', 'cannot log in any more, it crashes every time since 8.2', 'login fails and then the app crashes', 'after the update I am locked out, it crashes when I enter my password', 'the 8.2 update is terrible, crash after crash at login', 'it crashes on the login page and I cannot reach my money', 'keeps crashing at login, completely useless now', 'I cannot pay any more because the login crashes'],
  titles: ['Crashes at login', 'Update 8.2 broken', 'Cannot log in', 'Crash after update', 'Locked out'],
};

const LATER: readonly (Cause & { readonly products: readonly string[] })[] = [
  { products: ['aud-wren-buds', 'aud-pico-speaker', 'hom-sentry-cam', 'hom-dustling', 'wea-tempo-watch'], version: null, region: 'US', complaints: ['the battery gets hot and dies within an hour', 'the new batch has a faulty battery, it gets hot while charging', 'it will not charge and the battery gets dangerously hot', 'battery dead after a week, and it gets hot', 'the battery swelled up, this is dangerous'], titles: ['Battery gets hot', 'Faulty battery', 'Dangerous'] },
  { products: ['kit-nord-blender', 'kit-brewbird', 'out-ridge-tent', 'aud-cello-bar'], version: null, region: 'GB', complaints: ['it arrived with the box open and parts missing', 'the parcel was damaged and half of it was missing', 'parts are missing and nobody answers', 'delivered broken, with parts missing', 'missing parts again, terrible packing'], titles: ['Parts missing', 'Arrived damaged', 'Bad delivery'] },
  { products: ['hom-hearth-thermostat', 'hom-glow-bulbs', 'aud-atlas-headset', 'aud-cello-bar'], version: null, region: 'FR', complaints: ['since the last firmware it loses the connection all the time', 'the firmware update broke it, no connection any more', 'connection lost every few minutes since the update', 'it does not connect any more after the firmware update', 'terrible firmware, constant disconnects'], titles: ['Firmware broke it', 'No connection', 'Disconnects'] },
];

export const MAIN_SURGE: Surge = { product: 0, from: 6.5 * DAY, until: 6.5 * DAY + 27 * HOUR, peak: 15, cause: LOGIN_CRASH };
/** From here on the event clock may slow down: the main surge is closed by then. */
export const STORY_SPAN = 10 * DAY;
const WARM_UP = 6 * DAY;
export const PACE_MARKS = { warmUp: WARM_UP, end: STORY_SPAN };

const SALE = { product: 6, from: 7 * DAY + 2 * HOUR, until: 7 * DAY + 14 * HOUR, praisePerHour: 24 };

/** The surge of week `week` after the main one (week 0 begins 4 hours behind the story's end). */
function laterSurge(seed: number, week: number): Surge {
  const random = stream(seed, 0x5a6e, week);
  const from = STORY_SPAN + week * 7 * DAY + 4 * HOUR + (week === 0 ? 0 : random.below(48) * HOUR);
  const cause = LATER[random.below(LATER.length)]!;
  const id = random.pick(cause.products);
  return { product: PRODUCTS.findIndex((product) => product.id === id), from, until: from + 18 * HOUR, peak: 7, cause };
}

/** The surges that may be running at `t`. */
export function surgesAt(seed: number, t: number): readonly Surge[] {
  const week = Math.floor((t - STORY_SPAN) / (7 * DAY));
  return [MAIN_SURGE, ...(week < 0 ? [] : [laterSurge(seed, week)]), ...(week < 1 ? [] : [laterSurge(seed, week - 1)])].filter((surge) => t >= surge.from && t < surge.until);
}

/** Extra negatives per hour at `t`: half the peak within an eighth of the time, the peak from three eighths on, and down again over the last third. */
export function surgeRate(surge: Surge, t: number): number {
  const x = (t - surge.from) / (surge.until - surge.from);
  if (x < 0 || x >= 1) return 0;
  if (x < 1 / 8) return surge.peak * 0.5 * (x * 8);
  if (x < 3 / 8) return surge.peak * (0.5 + 0.5 * (x - 1 / 8) * 4);
  return x < 2 / 3 ? surge.peak : surge.peak * (1 - x) * 3;
}

export const saleRate = (product: number, t: number) => (product === SALE.product && t >= SALE.from && t < SALE.until ? SALE.praisePerHour : 0);

const SWING = 0.35;
const BUSIEST_HOUR = 19;
const angle = (t: number) => (2 * Math.PI * (t / HOUR - BUSIEST_HOUR)) / 24;

/** Factor on the ordinary rates at `t` (the story starts at midnight UTC): quiet nights, busy evenings; averages one over a day. */
export const rhythm = (t: number) => 1 + SWING * Math.cos(angle(t));

/** The rhythm summed from the start to `t`, in hours: how many ordinary hours have gone by. */
export const ordinaryHours = (t: number) => t / HOUR + (SWING * 24 * (Math.sin(angle(t)) - Math.sin(angle(0)))) / (2 * Math.PI);

/** Share of an app's users on the release that the main surge is about; a fixed release replaces it when the surge ends. */
export function versionsAt(product: number, version: string, t: number): { readonly names: readonly string[]; readonly weights: readonly number[] } {
  if (product !== MAIN_SURGE.product) return { names: [version], weights: [1] };
  const released = MAIN_SURGE.from - 6 * HOUR;
  const spread = Math.min(Math.max((t - released) / (36 * HOUR), 0), 0.7);
  const fixed = Math.min(Math.max((t - MAIN_SURGE.until + 10 * HOUR) / (24 * HOUR), 0), 0.9);
  return { names: [version, '8.2', '8.2.1'], weights: [(1 - spread) * (1 - fixed), spread * (1 - fixed), fixed] };
}
