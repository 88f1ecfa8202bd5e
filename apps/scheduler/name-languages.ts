/**
 * Names the language of reviews that the model can hardly read and whose producer named none. Here and not where they are scored: two reviews
 * in a hundred are like that, and the detector's tables take 100 MB, which no worker should carry; so it is loaded when the first one comes.
 */
import { FEW_KNOWN_WORDS, scoredText } from '#contracts';
import type { ChoreParts } from './chores.js';
import { withClient } from './with-client.js';

const AT_ONCE = 1_000;
/** As much of a text as tells its language. */
const READ = 300;
/** ISO 639-2: undetermined. */
const UNDETERMINED = 'und';

const UNNAMED = `
SELECT topic, partition, "offset", reviewed_at, title, left(text, ${READ}) AS text FROM internal.review_score
WHERE lang IS NULL AND named_lang IS NULL AND known_words < ${FEW_KNOWN_WORDS} ORDER BY reviewed_at DESC LIMIT ${AT_ONCE}`;

const NAME = `
UPDATE internal.review_score r SET named_lang = given.language
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::timestamptz[], $5::text[]) given (topic, partition, "offset", reviewed_at, language)
WHERE r.topic = given.topic AND r.partition = given.partition AND r."offset" = given."offset" AND r.reviewed_at = given.reviewed_at`;

interface Unnamed { readonly topic: string; readonly partition: number; readonly offset: string; readonly reviewed_at: Date; readonly title: string | null; readonly text: string }

/** @returns ISO 639-1, or "und" where the detector could not say */
export async function languageOf(text: string): Promise<string> {
  const { eld } = await import('eld/small');
  const found = eld.detect(text.slice(0, READ));
  return found.isReliable() ? found.language : UNDETERMINED;
}

/** @returns reviews that were given a language */
export async function nameLanguages({ pool }: Pick<ChoreParts, 'pool'>): Promise<number> {
  return withClient(pool, async (client) => {
    const { rows } = await client.query<Unnamed>(UNNAMED);
    if (rows.length === 0) return 0;
    const languages: string[] = [];
    for (const row of rows) languages.push(await languageOf(scoredText(row)));
    await client.query(NAME, [rows.map((r) => r.topic), rows.map((r) => r.partition), rows.map((r) => r.offset), rows.map((r) => r.reviewed_at), languages]);
    return rows.length;
  });
}
