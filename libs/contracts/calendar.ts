/**
 * What people know ahead of time: launches, sales, recalls, holidays. An event says for which products and how long either how much of
 * the usual volume is expected, or that alarms are recorded but not told. Times are event time, epoch ms.
 */
export const EVENT_KINDS = ['launch', 'sale', 'recall', 'holiday', 'other'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface CalendarEvent {
  readonly eventId: string;
  readonly name: string;
  readonly kind: EventKind;
  /** In force from `from` on, no longer at `until`. */
  readonly from: number;
  readonly until: number;
  /** Product ids; null: all products. */
  readonly products: readonly string[] | null;
  /** Expected volume, times the usual; null: nothing is said of it. */
  readonly factor: number | null;
  /** Surges are recorded and shown, and nobody is told. */
  readonly mute: boolean;
}

/** The least and the most that an event may expect, times the usual volume. */
export const LEAST_FACTOR = 0.1;
export const MOST_FACTOR = 100;
/** Events of a calendar, and products of an event. */
export const MOST_EVENTS = 10_000;
export const MOST_EVENT_PRODUCTS = 1_000;
export const LONGEST_EVENT_NAME = 200;

/** A product's own alarm budget, false alarms a day: set for it, or for the group that it belongs to. */
export interface ProductBudget {
  readonly productId: string;
  readonly perDay: number;
  /** The group whose budget it is; null: set for the product itself. */
  readonly group: string | null;
}

/** False alarms a day that a budget may ask for. */
export const LEAST_BUDGET = 1e-6;
export const MOST_BUDGET = 24;

/** Body of a snapshot of the calendar: what people said of products. Without `budgets` in those of older versions. */
export interface CalendarBody {
  readonly events: readonly CalendarEvent[];
  readonly budgets?: readonly ProductBudget[];
}
