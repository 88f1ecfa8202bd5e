/**
 * Known events as the detector applies them. An event with a factor makes time run faster: a day on which three times the usual is
 * expected is three days long, as a busy hour is a long hour (season.ts). So nothing has to be learned for it, and what it brings is
 * not taken for the normal afterwards. Factors of events that overlap multiply.
 *
 * A calendar is a numbered snapshot: the state, and every transition, names the one that was applied. Pure; times are epoch ms.
 */
import { EVENT_KINDS, LEAST_FACTOR, MOST_FACTOR, TidewatchError, type CalendarEvent, type ProductBudget, type SurgeEvent } from '#contracts';
import { Budgets, budgetsFrom } from './budgets.js';
import type { ProductCalendar, SurgeSettings } from './settings.js';

const MOST_NAMED = 8;

/** A snapshot of the calendar, and of the budgets that products and groups were given, ready to be asked for products. */
export class Calendar {
  private readonly common: ProductCalendar;
  private readonly own = new Map<string, ProductCalendar>();
  private base: SurgeSettings | null = null;
  private readonly budgets: Budgets;
  /** By product; null: all that have nothing of their own. */
  private readonly derived = new Map<string | null, SurgeSettings>();

  constructor(readonly id: number, events: readonly CalendarEvent[], budgets: readonly ProductBudget[] = []) {
    this.budgets = new Budgets(budgets);
    const sorted = events.toSorted((a, b) => a.from - b.from || a.until - b.until || (a.eventId < b.eventId ? -1 : 1));
    const forAll = sorted.filter(({ products }) => products === null);
    this.common = { id, events: forAll };
    for (const productId of new Set(sorted.flatMap(({ products }) => products ?? []))) {
      this.own.set(productId, { id, events: sorted.filter(({ products }) => products === null || products.includes(productId)) });
    }
  }

  of(productId: string): ProductCalendar {
    return this.own.get(productId) ?? this.common;
  }

  /** `base` with the product's events and budget in it: the very same object each time. */
  settingsOf(base: SurgeSettings, productId: string): SurgeSettings {
    if (this.base !== base) {
      this.base = base;
      this.derived.clear();
    }
    const key = this.own.has(productId) || this.budgets.has(productId) ? productId : null;
    let settings = this.derived.get(key);
    if (settings === undefined) this.derived.set(key, (settings = { ...base, ...this.budgets.inForce(base, key), calendar: this.of(productId) }));
    return settings;
  }
}

export const EMPTY_CALENDAR = new Calendar(0, []);

/** A snapshot's body to a calendar; '{}' is the empty one. SETTING_INVALID names the event that is wrong. */
export function calendarFrom(id: bigint, body: unknown): Calendar {
  const { events = [], budgets } = (body ?? {}) as { readonly events?: unknown; readonly budgets?: unknown };
  if (!Array.isArray(events)) throw new TidewatchError('SETTING_INVALID', `snapshot ${id} of the calendar has no list "events". Restore the row, or change any event: the scheduler then writes the next snapshot.`);
  return new Calendar(Number(id), events.map((event, i) => checked(event, `event ${i + 1} of snapshot ${id} of the calendar`)), budgetsFrom(budgets, `snapshot ${id} of the calendar`));
}

function checked(given: unknown, what: string): CalendarEvent {
  const { eventId, name, kind, from, until, products, factor, mute } = (given ?? {}) as Partial<Record<keyof CalendarEvent, unknown>>;
  const refuse = (expected: string): never => {
    throw new TidewatchError('SETTING_INVALID', `${what}: expected ${expected}. Restore the row, or change any event: the scheduler then writes the next snapshot.`);
  };
  const known = EVENT_KINDS.find((each) => each === kind) ?? refuse(`a kind of ${EVENT_KINDS.join(', ')}`);
  if (typeof eventId !== 'string' || typeof name !== 'string') return refuse('eventId and name as text');
  if (typeof from !== 'number' || typeof until !== 'number' || !(from < until)) return refuse('from and until in ms, from before until');
  if (factor !== null && !(typeof factor === 'number' && factor >= LEAST_FACTOR && factor <= MOST_FACTOR)) return refuse(`a factor of ${LEAST_FACTOR} to ${MOST_FACTOR}, or null`);
  if (products !== null && !(Array.isArray(products) && products.every((each) => typeof each === 'string'))) return refuse('products as a list of ids, or null for all');
  return { eventId, name, kind: known, from, until, products: products, factor: factor, mute: mute === true };
}

/** The detector's time from `from` to `until`: ms, each counted by the factors that are in force. */
export function stretched({ events }: ProductCalendar, from: number, until: number): number {
  if (events.length === 0 || until <= from) return until - from;
  const cuts = cutsOf(events, from, until);
  if (cuts.length === 0) return until - from;
  let sum = 0;
  let begin = from;
  for (const end of [...cuts, until]) {
    sum += (end - begin) * factorAt(events, begin);
    begin = end;
  }
  return sum;
}

/** The moment at which `amount` of the detector's time has passed since `from`. */
export function whenStretched({ events }: ProductCalendar, from: number, amount: number): number {
  let left = amount;
  let begin = from;
  for (const end of cutsOf(events, from, Infinity)) {
    const part = (end - begin) * factorAt(events, begin);
    if (part >= left) break;
    left -= part;
    begin = end;
  }
  return begin + left / factorAt(events, begin);
}

/** Where factors begin or end behind `from` and before `until`; also `from` itself where one begins or is in force there, so that none means: as usual. */
function cutsOf(events: readonly CalendarEvent[], from: number, until: number): number[] {
  const cuts = new Set<number>();
  for (const event of events) {
    if (event.from >= until) break;
    if (event.factor === null || event.until <= from) continue;
    cuts.add(Math.max(event.from, from));
    if (event.until < until) cuts.add(event.until);
  }
  return [...cuts].sort((a, b) => a - b);
}

function factorAt(events: readonly CalendarEvent[], at: number): number {
  let factor = 1;
  for (const event of events) {
    if (event.from > at) break;
    if (event.factor !== null && at < event.until) factor *= event.factor;
  }
  return factor;
}

/** Some event is in force between the two. */
export function anyEvent({ events }: ProductCalendar, from: number, until: number): boolean {
  return events.some((event) => event.from < until && event.until > from);
}

export function mutedAt({ events }: ProductCalendar, at: number): boolean {
  return events.some((event) => event.mute && event.from <= at && at < event.until);
}

/** The first moment from `at` on at which nothing mutes. */
export function unmutedFrom(calendar: ProductCalendar, at: number): number {
  let from = at;
  for (const event of calendar.events) if (event.mute && event.from <= from && from < event.until) from = event.until;
  return from;
}

/** Events in force at some moment from `from` to `to`, as a surge names them. */
export function eventsBetween({ events }: ProductCalendar, from: number, to: number): SurgeEvent[] {
  return events.filter((event) => event.from <= to && event.until > from).slice(-MOST_NAMED).map(({ products: _, ...event }) => event);
}

const SLOTS = 96;

/** A bucket's clock (season.ts; null: even) with the factors in force in it. The same clock where none is. */
export function clockWithEvents(calendar: ProductCalendar, clock: readonly number[] | null, clockAt: (clock: readonly number[] | null, part: number) => number, bucket: number, bucketMs: number): readonly number[] | null {
  const begin = bucket * bucketMs;
  if (cutsOf(calendar.events, begin, begin + bucketMs).length === 0) return clock;
  const slotMs = bucketMs / SLOTS;
  const made = [0];
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const usual = clockAt(clock, (slot + 1) / SLOTS) - clockAt(clock, slot / SLOTS);
    made.push(made[slot]! + usual * (stretched(calendar, begin + slot * slotMs, begin + (slot + 1) * slotMs) / slotMs));
  }
  return made;
}
