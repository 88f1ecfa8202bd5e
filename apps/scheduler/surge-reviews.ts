/** What a surge is explained from: the product's stored reviews, by the index over product and time. */
import type { ClientBase } from 'pg';
import { FEW_KNOWN_WORDS, scoredText } from '#contracts';
import type { Voice, Witness } from '#explain-surge';

/** Names under which producers send who wrote a review, as a field of their own (kept in `extra`). */
const ACCOUNT = ['account', 'accountId', 'author', 'authorId', 'user', 'userId', 'userName', 'username', 'reviewerID', 'reviewerId'];

/** What stands for the language of a review whose words the model hardly knows, where the producer named none. */
const HARDLY_KNOWN = 'hardly known to the model';

/** What the detector counted the review as. */
const COUNTED = 'internal.with_stars(p_negative, rating)';

export interface Stored extends Voice, Witness {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

export interface SurgeReviews {
  /** Negatives of the surge, and before it began. */
  readonly now: readonly Stored[];
  readonly before: readonly Stored[];
  /** Reviews since it began that are not negative. */
  readonly others: readonly Stored[];
}

/** The group of a product, whose lexicon holds for it; null: none. */
export async function groupOf(client: ClientBase, productId: string): Promise<string | null> {
  return (await client.query<{ group_name: string }>('select group_name from internal.product_group where product_id = $1', [productId])).rows[0]?.group_name ?? null;
}

/** The newest `most` of each. `until`: the transition that is explained. */
export async function reviewsOf(client: ClientBase, productId: string, startedAt: Date, until: Date, most: number): Promise<SurgeReviews> {
  const newest = (condition: string, values: readonly unknown[]) => stored(client, condition, [productId, ...values], most);
  return {
    now: await negativesOf(client, productId, startedAt, until, most),
    before: await newest(`${COUNTED} >= 0.5 and reviewed_at < $2`, [startedAt]),
    others: await newest(`${COUNTED} < 0.5 and reviewed_at >= $2 and reviewed_at <= $3`, [startedAt, until]),
  };
}

/** The newest `most` negatives of a surge. */
export function negativesOf(client: ClientBase, productId: string, startedAt: Date, until: Date, most: number): Promise<Stored[]> {
  return stored(client, `${COUNTED} >= 0.5 and reviewed_at >= $2 and reviewed_at <= $3`, [productId, startedAt, until], most);
}

async function stored(client: ClientBase, condition: string, values: readonly unknown[], most: number): Promise<Stored[]> {
  const { rows } = await client.query<{ title: string | null; text: string; app_version: string | null; region: string | null; source: string | null; lang: string | null; known_words: number | null; verified: boolean | null; counted: number; reviewed_at: Date; account: string | null; review_id: string; topic: string; partition: number; offset: string; top_words: Stored['topWords'] }>(
    `select title, text, app_version, region, source, coalesce(lang, nullif(named_lang, 'und')) as lang, known_words, verified, ${COUNTED} as counted, reviewed_at, review_id, topic, partition, "offset", top_words, coalesce(${ACCOUNT.map((name) => `extra ->> '${name}'`).join(', ')}) as account from internal.review_score
     where product_id = $1 and ${condition} and superseded_by is null order by reviewed_at desc limit ${most}`, [...values]);
  return rows.map((row) => ({ text: scoredText(row), appVersion: row.app_version, region: row.region, source: row.source, lang: languageOf(row), verified: row.verified, at: row.reviewed_at.getTime(), pNegative: row.counted, account: row.account, reviewId: row.review_id, topWords: row.top_words, topic: row.topic, partition: row.partition, offset: row.offset }));
}

function languageOf({ lang, known_words: known }: { readonly lang: string | null; readonly known_words: number | null }): string | null {
  return lang ?? (known !== null && known < FEW_KNOWN_WORDS ? HARDLY_KNOWN : null);
}
