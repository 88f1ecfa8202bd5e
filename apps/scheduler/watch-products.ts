/**
 * Products from which nothing comes any more, each judged by its own gaps (libs/detect-surge/silence.ts) and its alarm budget, in event time: a slow
 * product's usual silence is no news. While the whole feed is flagged nothing is added: that is one alert, not one per product.
 */
import type { ClientBase } from 'pg';
import { type Gaps, ordinarySilence } from '#detect-surge';
import type { ChoreParts } from './chores.js';
import { eventTimeReached } from './event-time.js';
import * as tables from './tables.js';
import { withClient } from './with-client.js';

/** Fewer reviews missing than this is not looked into. */
const MISSING = 5;
const AT_ONCE = 100;
/** One that has been silent for longer is gone. */
const LONGEST_MS = 90 * 86_400_000;

interface Quiet { readonly product: string; readonly last: Date }

/** @returns how many were flagged */
export async function watchProducts({ pool, settings, surge, calendar, say }: Pick<ChoreParts, 'pool' | 'settings' | 'surge' | 'calendar' | 'say'>, now: number): Promise<number> {
  return withClient(pool, async (client) => {
    const reached = eventTimeReached(await tables.partitionTimes(client, settings.topics.reviews), now);
    if (reached === null) return 0;
    await takeBack(client, reached, say);
    if (await tables.isFlagged(client, 'reviews')) return 0;
    let flagged = 0;
    for (const { product, last } of await quietProducts(client, reached)) {
      const { budgetPerDay } = calendar().settingsOf(surge, product);
      const ordinary = ordinarySilence(await gapsBefore(client, product), budgetPerDay);
      if (ordinary === null || reached - last.getTime() <= ordinary) continue;
      await client.query(`insert into internal.product_silence (product_id, silent_since, ordinary_seconds, budget_per_day) values ($1, $2, $3, $4) on conflict do nothing`, [product, last, ordinary / 1000, budgetPerDay]);
      flagged += 1;
      say('a product is silent for longer than its own gaps explain', { product, silentSince: last.toISOString(), ordinaryHours: Math.round(ordinary / 36_000) / 100 });
    }
    return flagged;
  });
}

async function takeBack(client: ClientBase, reached: number, say: ChoreParts['say']): Promise<void> {
  const { rows } = await client.query<{ product_id: string; back: boolean }>(`
delete from internal.product_silence s using internal.entity_state e
where e.stream = 'reviews' and e.entity = s.product_id and (e.last_event_at > s.silent_since or s.silent_since < $1) returning s.product_id, e.last_event_at > s.silent_since as back`, [new Date(reached - LONGEST_MS)]);
  for (const { product_id: product, back } of rows) say(back ? 'a silent product is back' : 'a product that has been silent for three months is gone', { product });
}

/** Those that miss the most of their usual reviews first. */
async function quietProducts(client: ClientBase, reached: number): Promise<Quiet[]> {
  const { rows } = await client.query<Quiet>(`
select product, last from (
  select e.entity as product, e.last_event_at as last, extract(epoch from $1::timestamptz - e.last_event_at) / 86400 * (e.summary ->> 'reviewsPerDay')::float8 as missing
  from internal.entity_state e where e.stream = 'reviews' and e.last_event_at between $2 and $1 and not exists (select from internal.product_silence s where s.product_id = e.entity)
) each where missing > $3 order by missing desc, product limit $4`, [new Date(reached), new Date(reached - LONGEST_MS), MISSING, AT_ONCE]);
  return rows;
}

/** Its gaps in the four weeks up to its newest review, or among its newest hundred where those go further back. */
async function gapsBefore(client: ClientBase, product: string): Promise<Gaps> {
  const { rows } = await client.query<Gaps>(`
with newest as (select reviewed_at from internal.review_score where product_id = $1 and superseded_by is null order by reviewed_at desc limit 20000),
edge as (select least(max(reviewed_at) - interval '28 days', (select min(reviewed_at) from (select reviewed_at from newest order by reviewed_at desc limit 101) hundred)) as at from newest),
kept as (select reviewed_at from newest where reviewed_at >= (select at from edge)),
gaps as (select extract(epoch from reviewed_at - lag(reviewed_at) over (order by reviewed_at))::float8 * 1000 as gap from kept),
counted as (select count(gap)::int as count, coalesce(sum(gap), 0) / 86400000 as days from gaps)
select count, days, array(select gap from gaps where gap is not null order by gap desc limit (select least(250, greatest(6, ceil(count / 4.0)))::int from counted)) as largest from counted`, [product]);
  return rows[0]!;
}
