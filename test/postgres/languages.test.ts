/** The language of reviews that the model can hardly read, named by the scheduler. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Pool } from 'pg';
import { nameLanguages } from '../../apps/scheduler/name-languages.js';
import { useTestDatabase } from '../../libs/testkit/index.js';
import { PRODUCTS, review } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';

const GERMAN = 'Funktioniert nach zwei Tagen nicht mehr, der Akku ist sofort leer.';
const REVIEWS = [
  { text: GERMAN, lang: null, known_words: 0.2 },
  { text: 'Ne fonctionne plus après la mise à jour, très déçu.', lang: null, known_words: 0.3 },
  { text: 'Перестал работать через два дня.', lang: null, known_words: 0 },
  { text: GERMAN, lang: 'de-AT', known_words: 0.2 },
  { text: 'Stopped working after two days.', lang: null, known_words: 1 },
  { text: 'qwx zzk pfft', lang: null, known_words: 0 },
  { text: '🙂🙂', lang: null, known_words: null },
];

describe('the language of reviews that the model can hardly read', () => {
  const database = useTestDatabase();
  const languages = async () => (await database.query<{ language: string | null }>('SELECT language FROM tidewatch.reviews_scored ORDER BY "offset"')).map(({ language }) => language);
  let name: () => Promise<number>;
  before(async () => {
    await insert(await database.connect(), 'review_score', REVIEWS.map((row, n) => review(PRODUCTS[0]!, Date.now() - n * 1000, row.text, 0.9, row)));
    name = async () => {
      const pool = new Pool({ connectionString: database.url, max: 1 });
      try {
        return await nameLanguages({ pool });
      } finally {
        await pool.end();
      }
    };
  });

  it('is the producer’s until then, and null where it gave none', async () => {
    assert.deepEqual(await languages(), [null, null, null, 'de-AT', null, null, null]);
  });

  it('is named once where the words are hardly known and the producer is silent; und where nobody can say', async () => {
    assert.equal(await name(), 4);
    assert.deepEqual(await languages(), ['de', 'fr', 'ru', 'de-AT', null, 'und', null]);
    assert.equal(await name(), 0);
  });
});
