/** What the API answers, field by field. The OpenAPI document is made of these, and a test holds each route's real answer against it. */
import { z } from 'zod';

const page = <T extends z.ZodType>(row: T) => z.object({ rows: z.array(row), next: z.string().nullable().describe('The cursor of the following page; null at the end.') });
const time = z.string().describe('ISO 8601, UTC.');
const whole = z.int();
const share = z.number().min(0).max(1);
const words = z.array(z.object({ word: z.string(), start: whole, end: whole, weight: z.number() })).describe('Words with the highest attention, with their place in the text.');
const severity = z.number().min(1).max(10);

const kind = z.enum(['launch', 'sale', 'recall', 'holiday', 'other']);
const factor = z.number().nullable().describe('Expected volume, times the usual.');
export const CalendarEvent = z.object({
  event_id: z.string(), name: z.string(), kind, from_at: time, until_at: time, products: z.array(z.string()).nullable().describe('null: all.'), factor, mute: z.boolean(), source: z.string(), added_by: z.string(), added_at: time,
}).describe('A known event.');
export const CalendarEvents = page(CalendarEvent);

export const ProductGroup = z.object({ product_id: z.string(), group_name: z.string(), set_by: z.string(), set_at: time });
export const ProductGroups = page(ProductGroup);
export const AlarmBudget = z.object({ scope: z.enum(['product', 'group']), name: z.string(), budget: z.string().describe('As it was given, such as 1/quarter.'), per_day: z.number().describe('False alarms per product and day.'), set_by: z.string(), set_at: time });
export const AlarmBudgets = page(AlarmBudget);
const status = z.enum(['opened', 'worsening', 'easing', 'closed']);
const contributor = z.looseObject({ kind: z.string(), value: z.string(), shareNow: share, shareBefore: share });
export const GroupSurge = z.object({
  group_surge_id: z.string(), group_name: z.string(), status: z.enum(['open', 'closed']), opened_at: time, closed_at: time.nullable(), started_at: time, severity, expected: z.number(), observed: z.number(), excess_low: z.number().nullable().describe('Lower end of the 90 % interval of observed minus expected, all products together.'), excess_high: z.number().nullable(), products: whole, open_products: whole,
  children: z.array(z.object({ surgeId: z.string(), productId: z.string(), productName: z.string().nullable(), status, severity, openedAt: time, closedAt: time.nullable() })),
  contributors: z.array(contributor), evidence: z.array(z.object({ productId: z.string(), productName: z.string().nullable(), reviewId: z.string(), at: time, pNegative: share, excerpt: z.string(), topWords: words })),
  look_alikes: whole.nullable(), observed_without: z.number(), brigading: z.string().nullable(),
}).describe('A surge that widened to several products of a group, with the products’ own surges, worst first.');
export const GroupSurges = page(GroupSurge);

export const Surge = z.object({
  surge_id: z.string(), product_id: z.string(), product_name: z.string(), status: z.enum(['opened', 'worsening', 'easing', 'closed']), channel: z.enum(['count', 'share']),
  opened_at: time, closed_at: time.nullable(), started_at: time, last_change_at: time,
  expected: z.number(), observed: z.number(), excess: z.number(), excess_low: z.number().nullable().describe('Lower end of its 90 % interval.'), excess_high: z.number().nullable(), severity, share_before: share.nullable(), share_now: share.nullable(),
  budget_per_day: z.number(), budget_source: z.string().describe('Whose budget that is: default, product or group NAME; with ", within the portfolio" where that made it smaller.'), settings_id: z.string(), model_id: z.string(), transitions: whole,
  contributors: z.array(contributor),
  acknowledged_at: time.nullable(), acknowledged_by: z.string().nullable(), owner: z.string().nullable(), feedback: z.enum(['real', 'expected', 'brigading', 'false']).nullable(),
  events: z.array(z.object({ eventId: z.string(), name: z.string(), kind, from: whole, until: whole, factor, mute: z.boolean() })).describe('Known events in force since its start; times in ms.'), muted: z.boolean(), calendar_id: whole,
  look_alikes: whole.nullable().describe('Negatives counted apart: near-copies, bursts of a few accounts or sources.'), observed_without: z.number(), brigading: z.string().nullable().describe('Why it is marked as possible brigading.'), group_surge_id: z.string().nullable(), group_surge: GroupSurge.nullable(),
  evidence: z.array(z.object({ rank: whole, reviewId: z.string(), reviewedAt: time, pNegative: share.describe('Its own stars counted in.'), excerpt: z.string(), topWords: words })),
  history: z.array(z.object({ seq: whole, status: z.string(), at: time, observed: z.number(), expected: z.number(), severity: z.number(), muted: z.boolean() })),
  actions: z.array(z.object({ seq: whole, action: z.enum(['acknowledge', 'owner', 'note', 'feedback']), verdict: z.string().nullable(), text: z.string().nullable(), by: z.string(), at: time })),
}).describe('A surge as it stands, with its evidence, its transitions and what people did about it.');
export const Surges = page(Surge);

const product = {
  product_id: z.string(), product_name: z.string(), reviews: whole, last_review_at: time, negatives_7d: whole, reviews_7d: whole, share_7d: share.nullable(),
  open_surge_id: z.string().nullable(), summary: z.looseObject({}).describe('A few numbers of the surge tracker, and hiddenNorm, the Euclidean norm of the hidden state.'),
};
export const Products = page(z.object({
  ...product, negatives_7d: whole.nullable().describe('null: not counted yet.'), reviews_7d: whole.nullable(),
  negatives_1d: whole.nullable().describe('In the day up to its newest review.'), rise: z.number().nullable().describe('How far they lie above a day of the six before, in standard deviations of a count that chance makes.'),
  sparkline: z.array(z.object({ bucket: time, reviews: whole, negatives: whole })).describe('Six hours each; those without a review are left out.'),
}));
export const Product = z.object({
  ...product,
  hours: z.array(z.object({ hour: time, reviews: whole, negatives: whole, share, mean_rating: z.number().nullable() })),
  newest: z.array(z.object({
    review_id: z.string(), revision: whole, reviewed_at: time, rating: z.number().nullable(), title: z.string().nullable(), text: z.string().describe('Its first 600 characters.'),
    app_version: z.string().nullable(), region: z.string().nullable(), language: z.string().nullable().describe('As its producer named it, else as a detector did where the model knows few of its words; und: it could not say.'), p_negative: share, p_negative_text: share, p_negative_with_stars: share.describe('Its own stars counted in, as the surge detector counts it; without stars as p_negative.'),
    stars_contradict: z.boolean().nullable().describe('Stars and text say opposite things; null without stars.'), expected_negative: share.nullable(), known_words: share.nullable().describe('Share of its words that the model knows.'), top_words: words, model_id: z.string(),
  })),
  facets: z.object({ versions: z.array(z.string()), regions: z.array(z.string()), languages: z.array(z.string()) }).describe('Of its newest 2,000 reviews, the most frequent first.'),
  surges: z.array(Surge),
  events: z.array(CalendarEvent).describe('Known events of the last two weeks and to come.'),
});

export const ProductReviews = page(z.looseObject({ product_id: z.string(), review_id: z.string(), reviewed_at: time, text: z.string(), p_negative: share, aspects: z.array(z.string()).describe('That it speaks of, by the lexicon as it is now.') }).describe('As in the view reviews_scored.'))
  .extend({ aspects: z.array(z.string()).describe('All that the lexicon has for this product.') });

const prices = { q05: z.number(), q25: z.number(), q50: z.number(), q75: z.number(), q95: z.number() };
const symbol = {
  symbol: z.string(), at: time, close: z.number(), bar: whole, recent: z.array(z.object({ at: time, close: z.number(), bar: whole })), fan: z.array(z.object({ horizon: whole, ...prices })),
  coverage: z.array(z.object({
    horizon: whole, forecasts: whole.describe('Settled, at most 500.'), coverage90: share, coverage_words: z.enum(['too narrow', 'too wide', 'within tolerance', 'too few']),
    skill: z.number().nullable().describe('1 - CRPS / CRPS of the walk with Student-t errors.'), verdict: z.enum(['better', 'worse', 'level', 'too few']).nullable().describe('By a Diebold-Mariano test that allows for overlap.'),
    bars_since: whole.describe('Bars since this was worked out.'),
  })),
  direction: z.array(z.looseObject({ horizon: whole, claimed: z.boolean().nullable(), words: z.string().nullable() })).nullable(),
};
export const Forecasts = page(z.object(symbol));
const covered = z.boolean().nullable();
export const Forecast = z.object({
  ...symbol,
  history: z.array(z.object({
    bar: whole, made_at: time, close: z.number(), horizon: whole, levels: z.array(share), corrected: z.array(z.number()), raw: z.array(z.number()),
    price_q05: z.number(), price_q25: z.number(), price_q50: z.number(), price_q75: z.number(), price_q95: z.number(), status: z.enum(['pending', 'settled', 'unsettled']),
    settled_at: time.nullable(), actual: z.number().nullable(), actual_close: z.number().nullable(), crps: z.number().nullable(), pinball: z.number().nullable(), pit: share.nullable(),
    covered50: covered, covered80: covered, covered90: covered, covered95: covered, covered99: covered, crps_gaussian: z.number().nullable(), crps_student_t: z.number().nullable(), model_id: z.string(),
  })),
});

const offset = z.string().regex(/^-?\d+$/).describe('An offset: text, as it may pass 2^53.');
const DeadLetter = z.object({ topic: z.string(), partition: whole, offset, key: z.string().nullable(), payload: z.string().nullable().describe('Its first 400 characters.'), code: z.string(), reason: z.string(), message_at: time, noted_at: time, replayed_at: time.nullable() });
export const DeadLetters = page(DeadLetter);
export const Replayed = z.object({ topic: z.string(), partition: whole, offset, replayed_at: time });
export const Pipeline = z.object({
  positions: z.array(z.object({ topic: z.string(), partition: whole, next_offset: offset, high_watermark: offset, lag: whole, watermark: time.nullable(), accepted: whole, duplicates: whole, rejected: whole, epoch: whole, owner: z.string().nullable(), committed_at: time.nullable() })),
  rejected: z.array(z.object({ topic: z.string(), code: z.string(), letters: whole, newest: time })),
  deadLetters: z.array(DeadLetter),
  models: z.array(z.object({ model_id: z.string(), stream: z.string(), active: z.boolean(), activated_at: time.nullable() })),
  silence: z.array(z.object({ stream: z.string(), silent_since: time, flagged_at: time })),
  stale: z.array(z.object({ symbol: z.string(), silent_since: time, usual_bars: whole, weeks: whole, severity, words: z.string() })).describe('Symbols that are silent while their session is usually open.'),
  silentProducts: z.array(z.object({ product_id: z.string(), product_name: z.string().nullable(), silent_since: time, ordinary_seconds: z.number() })).describe('Products that are silent for longer than their own gaps explain.'),
  gaps: z.array(z.object({ topic: z.string(), partition: whole, from_offset: offset, to_offset: offset, reason: z.string(), recorded_at: time })),
  channels: z.array(z.object({ channel: z.string(), failing: z.boolean(), failing_since: time.nullable(), failures: whole, last_error: z.string().nullable(), waiting: whole, held: whole, last_delivered_at: time.nullable() })),
});

export const Alive = z.object({ ok: z.literal(true) });
export const Health = z.object({ ok: z.boolean(), reasons: z.array(z.string()), partitions: whole });
export const Session = z.object({ access: z.enum(['none', 'read', 'write']), local: z.boolean() });
export const Taken = z.object({ topic: z.string(), accepted: whole, refused: z.array(z.object({ index: whole.describe('Its place among the items, from 0.'), code: z.string(), reason: z.string() })) });
export const Page = page(z.looseObject({}));
export const ViewList = z.array(z.object({ name: z.string(), comment: z.string().nullable(), columns: z.array(z.object({ name: z.string(), type: z.string(), comment: z.string().nullable() })) }));
export const Problem = z.looseObject({ type: z.string(), title: z.string(), detail: z.string(), status: whole }).describe('RFC 9457.');
