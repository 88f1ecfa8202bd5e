/** What the API answers, as queries over the public views. Times travel as ISO text, numbers as numbers. */
import type { QueryResultRow } from 'pg';
import { first, readPage, type Page, type PageRequest } from './paging.js';
import type { Reader } from './reader.js';

const SURGE_COLUMNS = `surge_id, product_id, coalesce(product_name, product_id) as product_name, status, channel, opened_at, closed_at, started_at, last_change_at,
  expected, observed, excess, excess_low, excess_high, severity, share_before, share_now, budget_per_day, budget_source, settings_id, model_id, transitions, contributors, acknowledged_at, acknowledged_by, owner, feedback, events, muted, calendar_id::int, look_alikes, observed_without, brigading, group_surge_id`;
const ACTIONS_SHOWN = 50;

type Rows = Page<QueryResultRow>;
const WORST_FIRST = { columns: ['(s.closed_at is null)', 'case when s.closed_at is null then s.severity else 0 end', 's.opened_at', 's.surge_id'], newestFirst: true } as const;

/** Open ones first, worst first; then the newest closed. With what people did about each, newest first. */
export function surges(reader: Reader, asked: PageRequest, product: string | null, surgeId: string | null = null): Promise<Rows> {
  return readPage(reader, asked, 'surges', WORST_FIRST, [product, surgeId], ({ key, after, tail }) => `
select ${SURGE_COLUMNS}, ${key},
  (select coalesce(jsonb_agg(jsonb_build_object('rank', rank, 'reviewId', review_id, 'reviewedAt', reviewed_at, 'pNegative', p_negative, 'excerpt', excerpt, 'topWords', top_words) order by rank), '[]')
   from tidewatch.surge_evidence e where e.surge_id = s.surge_id) as evidence,
  (select to_jsonb(g) from (select group_surge_id, group_name, status, opened_at, closed_at, started_at, severity, expected, observed, excess_low, excess_high, products, open_products, children, contributors, evidence, look_alikes, observed_without, brigading from tidewatch.group_surges gs where gs.group_surge_id = s.group_surge_id) g) as group_surge,
  (select coalesce(jsonb_agg(jsonb_build_object('seq', seq, 'status', status, 'at', at, 'observed', observed, 'expected', expected, 'severity', severity, 'muted', muted) order by seq), '[]')
   from tidewatch.surge_transitions t where t.surge_id = s.surge_id) as history,
  (select coalesce(jsonb_agg(jsonb_build_object('seq', seq, 'action', action, 'verdict', verdict, 'text', text, 'by', by, 'at', acted_at) order by seq desc), '[]')
   from (select * from tidewatch.surge_actions a where a.surge_id = s.surge_id order by seq desc limit ${ACTIONS_SHOWN}) newest) as actions
from tidewatch.surges s
where ($1::text is null or product_id = $1) and ($2::text is null or surge_id = $2) and ${after}
${tail}`);
}

export async function surge(reader: Reader, surgeId: string): Promise<QueryResultRow | null> {
  const [row] = (await surges(reader, first(1), null, surgeId)).rows;
  return row ?? null;
}

/** Those with an open surge first, then by how much their negatives rose in a day; `part`: of the name or id. */
export function products(reader: Reader, asked: PageRequest, part: string | null = null): Promise<Rows> {
  return readPage(reader, asked, 'products', { columns: ['(p.open_surge_id is null)', '-coalesce(p.rise, -1000)', 'p.product_id'] }, [part], ({ key, after, tail }) => `
select product_id, coalesce(product_name, product_id) as product_name, reviews::int, last_review_at, negatives_7d, reviews_7d, share_7d, negatives_1d, rise, open_surge_id, summary, six_hours as sparkline, ${key}
from tidewatch.product_standing p
where ($1::text is null or strpos(lower(coalesce(product_name, '')), lower($1)) > 0 or strpos(lower(product_id), lower($1)) > 0) and ${after} ${tail}`);
}

/** Over everything there is: the lists of the first screen are cut off, its figures are not. */
export async function totals(reader: Reader): Promise<QueryResultRow> {
  const [row] = await reader.rows(`
select (select count(*)::int from tidewatch.surges where closed_at is null) as open_surges, count(*)::int as products, coalesce(sum(negatives_7d), 0)::int as negatives_7d, coalesce(sum(reviews_7d), 0)::int as reviews_7d
from tidewatch.product_standing`);
  return row!;
}

const facet = (column: string): string => `(select coalesce(jsonb_agg(value order by reviews desc, value), '[]') from (select ${column} as value, count(*) as reviews from newest where ${column} is not null group by 1 order by 2 desc, 1 limit 40) ${column}s)`;
/** By what the reviews of a product can be told apart: of its newest 2,000, the most frequent first. */
const FACETS = `
with newest as materialized (select app_version, region, language from tidewatch.reviews_scored where product_id = $1 order by reviewed_at desc limit 2000)
select ${facet('app_version')} as versions, ${facet('region')} as regions, ${facet('language')} as languages`;

export async function product(reader: Reader, productId: string): Promise<QueryResultRow | null> {
  const [found] = await reader.rows(`select product_id, coalesce(product_name, product_id) as product_name, reviews::int, last_review_at, negatives_7d::int, reviews_7d::int, share_7d, open_surge_id, summary from tidewatch.products where product_id = $1`, [productId]);
  if (found === undefined) return null;
  const since = new Date((found['last_review_at'] as Date).getTime() - 14 * 86_400_000).toISOString();
  const [hours, newest, [facets], episodes, events] = await Promise.all([
    reader.rows(`select hour, reviews::int, negatives::int, share, mean_rating from tidewatch.product_sentiment_hourly where product_id = $1 and hour > $2::timestamptz - interval '14 days' order by hour`, [productId, found['last_review_at']]),
    reader.rows(`select review_id, revision, reviewed_at, rating, title, left(text, 600) as text, app_version, region, language, p_negative, p_negative_text, p_negative_with_stars, stars_contradict, expected_negative, known_words, top_words, model_id from tidewatch.reviews_scored where product_id = $1 order by reviewed_at desc limit 50`, [productId]),
    reader.rows(FACETS, [productId]),
    surges(reader, first(20), productId),
    calendar(reader, first(50), productId, since),
  ]);
  return { ...found, hours, newest, facets, surges: episodes.rows, events: events.rows };
}

/** Known events, earliest first; `from`: in force then or later. */
export function calendar(reader: Reader, asked: PageRequest, product: string | null, from: string | null, eventId: string | null = null): Promise<Rows> {
  return readPage(reader, asked, 'calendar', { columns: ['c.from_at', 'c.event_id'] }, [product, from, eventId], ({ key, after, tail }) => `
select event_id, name, kind, from_at, until_at, products, factor, mute, source, added_by, added_at, ${key} from tidewatch.calendar_events c
where ($1::text is null or products is null or $1 = any(products)) and ($2::timestamptz is null or until_at > $2) and ($3::text is null or event_id = $3) and ${after} ${tail}`);
}

const FAN = `
cross join lateral (select at, close, bar from tidewatch.quotes x where x.symbol = s.symbol order by x.at desc, x.bar desc limit 1) q
cross join lateral (
  select (select coalesce(jsonb_agg(jsonb_build_object('at', r.at, 'close', r.close, 'bar', r.bar) order by r.bar), '[]') from (select at, close, bar from tidewatch.quotes x where x.symbol = s.symbol order by x.at desc, x.bar desc limit 60) r) as recent,
    (select coalesce(jsonb_agg(jsonb_build_object('horizon', f.horizon, 'q05', f.price_q05, 'q25', f.price_q25, 'q50', f.price_q50, 'q75', f.price_q75, 'q95', f.price_q95) order by f.horizon), '[]')
     from tidewatch.forecasts f where f.symbol = s.symbol and f.made_at = q.at and f.bar = q.bar) as fan
) f`;

/** One row per symbol: the newest bar, its fan over the horizons, and how its forecasts stand, as the scheduler keeps it. */
export function forecasts(reader: Reader, asked: PageRequest): Promise<Rows> {
  return readPage(reader, asked, 'forecasts', { columns: ['s.symbol'] }, [], ({ key, after, tail }) => `
with symbols as (
  select symbol, jsonb_agg(jsonb_build_object('horizon', horizon, 'forecasts', forecasts, 'coverage90', achieved90, 'coverage_words', coverage_words, 'skill', 1 - ratio_student_t, 'verdict', verdict, 'bars_since', bars_since) order by horizon) as coverage
  from tidewatch.forecast_standing group by symbol
)
select ${key}, s.symbol, q.at, q.close, q.bar::int, f.recent, f.fan, s.coverage, null::jsonb as direction from symbols s ${FAN} where ${after} ${tail}`);
}

/** The same of one symbol, whether or not anything of it is settled, with its standing at this moment, and what its medians say about direction. */
export async function forecast(reader: Reader, symbol: string): Promise<QueryResultRow | null> {
  const [row] = await reader.rows(`
select s.symbol, q.at, q.close, q.bar::int, f.recent, f.fan,
  (select coalesce(jsonb_agg(jsonb_build_object('horizon', c.horizon, 'forecasts', c.forecasts, 'coverage90', c.achieved, 'coverage_words', c.words, 'skill', 1 - t.ratio, 'verdict', t.verdict, 'bars_since', 0) order by c.horizon), '[]')
   from tidewatch.coverage_alerts c left join tidewatch.forecast_skill t on t.symbol = $1 and t.horizon = c.horizon and t.baseline = 'student_t' where c.symbol = $1) as coverage,
  (select coalesce(jsonb_agg(to_jsonb(d) - 'symbol' order by d.horizon), '[]') from tidewatch.forecast_direction d where d.symbol = $1) as direction
from (select $1::text as symbol) s ${FAN}`, [symbol]);
  return row ?? null;
}

/** The newest forecasts of a symbol with what became of them, newest first. */
export function forecastHistory(reader: Reader, symbol: string, limit: number): Promise<QueryResultRow[]> {
  return reader.rows(`
select bar::int, made_at, close, horizon, levels, corrected, raw, price_q05, price_q25, price_q50, price_q75, price_q95, status, settled_at, actual, actual_close, crps, pinball, pit, covered50, covered80, covered90, covered95, covered99, crps_gaussian, crps_student_t, model_id
from tidewatch.forecasts where symbol = $1 order by made_at desc, bar desc, horizon limit $2`, [symbol, limit]);
}

export async function pipeline(reader: Reader): Promise<Record<string, unknown>> {
  const [positions, rejected, letters, models, silence, stale, products, gaps, channels] = await Promise.all([
    reader.rows(`select topic, partition, next_offset::text, high_watermark::text, lag::int, watermark, accepted::int, duplicates::int, rejected::int, epoch::int, owner, committed_at from tidewatch.stream_positions order by topic, partition`),
    reader.rows(`select topic, code, count(*)::int as letters, max(noted_at) as newest from tidewatch.dead_letters group by topic, code order by letters desc`),
    deadLetters(reader, first(10)),
    reader.rows(`select model_id, stream, active, activated_at from tidewatch.models order by stream, activated_at desc nulls last`),
    reader.rows('select stream, silent_since, flagged_at from tidewatch.feed_silence order by stream'),
    reader.rows('select symbol, silent_since, usual_bars, weeks, severity, words from tidewatch.stale_symbols order by severity desc, symbol limit 20'),
    reader.rows('select product_id, product_name, silent_since, ordinary_seconds from tidewatch.product_silence order by silent_since limit 20'),
    reader.rows('select topic, partition, from_offset::text, to_offset::text, reason, recorded_at from tidewatch.stream_gaps order by recorded_at desc limit 20'),
    reader.rows('select channel, failing, failing_since, failures, last_error, waiting::int, held::int, last_delivered_at from tidewatch.notification_channels order by channel'),
  ]);
  return { positions, rejected, deadLetters: letters.rows, models, silence, stale, silentProducts: products, gaps, channels };
}

export function deadLetters(reader: Reader, asked: PageRequest): Promise<Rows> {
  return readPage(reader, asked, 'dead letters', { columns: ['d.noted_at', 'd.topic', 'd.partition', 'd."offset"'], newestFirst: true }, [], ({ key, after, tail }) => `
select topic, partition, "offset"::text, key, left(payload, 400) as payload, code, reason, message_at, noted_at, replayed_at, ${key} from tidewatch.dead_letters d where ${after} ${tail}`);
}
