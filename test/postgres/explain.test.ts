/** What a surge's negatives have in common, from the stored reviews, after each transition. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool } from 'pg';
import { loadSettings } from '#load-config';
import { useTestDatabase } from '#testkit';
import { explainGroups } from '../../apps/scheduler/explain-groups.js';
import { explainSurges } from '../../apps/scheduler/explain-surges.js';
import { readLexicon } from '../../apps/stream-worker/read-lexicon.js';

const START = Date.UTC(2026, 0, 20);
const HOUR = 3_600_000;
const lexicon = readLexicon(loadSettings({}).aspectsFile);

describe('explaining a surge', () => {
  const database = useTestDatabase();

  it('names what is over-represented against the product\'s own normal, anew after each transition, once', async () => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    try {
      let offset = 0;
      const add = (productId: string, at: number, pNegative: number, text: string, version: string, superseded: number | null = null, rating: number | null = null) => {
        offset += 1;
        return pool.query(`INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, superseded_by, text, app_version, p_negative, p_negative_text, top_words, model_id, rating)
          VALUES ('reviews.v1', 0, $1, $2, $3, $4, 0, $5, $6, $7, $8, $8, '[]', 'm', $9)`, [offset, new Date(at), productId, `r${offset}`, superseded, text, version, pNegative, rating]);
      };
      for (let n = 0; n < 120; n += 1) await add('kettle', START - (130 - n) * HOUR, n % 2 === 0 ? 0.9 : 0.1, n % 2 === 0 ? `too loud, support ignored me ${n}` : 'lovely', '4.1');
      // the first six are negative by their one star only, and some of the good ones were read as complaints that five stars take back
      for (let n = 0; n < 12; n += 1) await add('kettle', START + n * 1000, n < 6 ? 0.2 : 0.95, `the lid leaks everywhere, support ignored me ${n}`, '4.2', null, n < 6 ? 1 : null);
      for (let n = 0; n < 12; n += 1) await add('kettle', START + n * 1000 + 500, n < 3 ? 0.9 : 0.05, 'lovely', '4.1', null, n < 3 ? 5 : null);
      // neither what was corrected since, nor another product, nor what came after the transition counts
      for (let n = 0; n < 20; n += 1) await add('kettle', START + n * 1000, 0.95, 'superseded words', '9.9', 1);
      for (let n = 0; n < 20; n += 1) await add('lamp', START + n * 1000, 0.95, 'another product', '9.9');
      for (let n = 0; n < 20; n += 1) await add('kettle', START + 2 * HOUR + n * 1000, 0.95, 'handle snapped', '4.3');
      await pool.query(`INSERT INTO internal.surge (surge_id, seq, product_id, status, channel, opened_at, started_at, last_change_at, expected, observed, excess, severity, share_before, share_now, budget_per_day, settings_id, model_id, contributors)
        VALUES ('k', 1, 'kettle', 'opened', 'count', $2, $1, $2, 1, 12, 11, 5, 0.1, 0.5, 0.01, 's', 'm', '[{"kind":"term","value":"tracker","shareNow":1,"shareBefore":0}]')`, [new Date(START), new Date(START + HOUR)]);
      const shown = async () => (await database.query<{ contributors: { kind: string; value: string; shareNow: number; shareBefore: number; ratio: number; significance: number }[] }>('SELECT contributors FROM tidewatch.surges'))[0]!.contributors;
      const said = () => explainSurges({ pool, say: () => undefined, lexicon });
      assert.deepEqual((await shown()).map(({ value }) => value), ['tracker'], 'until it is explained, what the tracker counted');
      assert.deepEqual((await Promise.all([said(), said()])).filter((n) => n > 1), []);
      assert.equal(await said(), 0);
      const first = await shown();
      const [plain] = await database.query<{ look_alikes: number; brigading: string | null }>('SELECT look_alikes, brigading FROM tidewatch.surges');
      assert.deepEqual(plain, { look_alikes: 11, brigading: plain?.brigading });
      assert.match(String(plain?.brigading), /^12 of 12 negatives say nearly the same as another/);
      const version = first.find(({ kind }) => kind === 'version')!;
      assert.deepEqual([version.value, version.shareNow, version.shareBefore], ['4.2', 1, 0]);
      assert.ok(version.ratio > 50 && version.significance < 1e-6);
      assert.ok(first.some(({ value }) => /lid|leaks|everywhere/.test(value)), JSON.stringify(first));
      assert.ok(!first.some(({ value }) => /superseded|another|support|handle|9\.9|4\.3/.test(value)), JSON.stringify(first));
      const evidence = await database.query<{ rank: number; excerpt: string; product_id: string }>('SELECT rank, excerpt FROM tidewatch.surge_evidence ORDER BY rank');
      assert.equal(evidence.length, 1, 'the twelve say nearly the same');
      assert.match(evidence[0]!.excerpt, /lid leaks everywhere/);
      await pool.query(`UPDATE internal.surge SET seq = 2, status = 'worsening', last_change_at = $1`, [new Date(START + 3 * HOUR)]);
      assert.equal(await said(), 1);
      assert.ok((await shown()).some(({ value }) => /handle|snapped/.test(value)));
      const [row] = await database.query<{ negatives: number; negatives_before: number; seq: number }>('SELECT negatives, negatives_before, seq FROM internal.surge_explanation');
      assert.deepEqual(row, { negatives: 32, negatives_before: 60, seq: 2 });
    } finally {
      await pool.end();
    }
  });

  it('explains the others where one cannot be explained', async () => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    try {
      for (const [n, product] of ['broken', 'whole'].entries()) {
        await pool.query(`INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, text, p_negative, p_negative_text, top_words, model_id)
          VALUES ('reviews.v1', 0, $1, $2, $3, 'w', 0, 'the wick smokes', 0.9, 0.9, $4, 'm')`, [30_000 + n, new Date(START), product, product === 'broken' ? 'null' : '[]']);
        await pool.query(`INSERT INTO internal.surge (surge_id, seq, product_id, status, channel, opened_at, started_at, last_change_at, expected, observed, excess, severity, share_before, share_now, budget_per_day, settings_id, model_id, contributors)
          VALUES ($1, 1, $1, 'opened', 'count', $3, $2, $3, 1, 12, 11, 5, 0.1, 0.5, 0.01, 's', 'm', '[]')`, [product, new Date(START), new Date(START + HOUR)]);
      }
      await assert.rejects(explainSurges({ pool, say: () => undefined, lexicon }), TypeError);
      assert.deepEqual(await database.query(`SELECT surge_id FROM internal.surge_explanation WHERE surge_id IN ('broken', 'whole')`), [{ surge_id: 'whole' }]);
      await pool.query(`DELETE FROM internal.surge WHERE surge_id = 'broken'`);
    } finally {
      await pool.end();
    }
  });

  it('says that a surge is of reviews which the model can hardly read, where the producer names no language', async () => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    try {
      for (let n = 0; n < 100; n += 1) {
        const now = n >= 60 && n < 80; // then others of the same time, which are no complaints
        await pool.query(`INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, text, lang, known_words, p_negative, p_negative_text, top_words, model_id)
          VALUES ('reviews.v1', 0, $1, $2, 'pan', $3, 0, $4, $5, $6, $7, $7, '[]', 'm')`, [20_000 + n, new Date(START + (n >= 60 ? n * 1000 : (n - 80) * HOUR)), `p${n}`, `${n} ${now ? 'Griff' : 'handle'}`, n % 10 === 0 ? 'de' : null, now ? 0.25 : 1, n < 80 ? 0.9 : 0.1]);
      }
      await pool.query(`INSERT INTO internal.surge (surge_id, seq, product_id, status, channel, opened_at, started_at, last_change_at, expected, observed, excess, severity, share_before, share_now, budget_per_day, settings_id, model_id, contributors)
        VALUES ('pan', 1, 'pan', 'opened', 'count', $2, $1, $2, 1, 20, 19, 5, 0.1, 0.5, 0.01, 's', 'm', '[]')`, [new Date(START), new Date(START + HOUR)]);
      await explainSurges({ pool, say: () => undefined, lexicon });
      const [surge] = await database.query<{ contributors: { kind: string; value: string; shareNow: number; shareBefore: number }[] }>(`SELECT contributors FROM tidewatch.surges WHERE surge_id = 'pan'`);
      assert.deepEqual(surge!.contributors.filter(({ kind }) => kind === 'language').map(({ value, shareNow, shareBefore }) => [value, shareNow, shareBefore]), [['hardly known to the model', 0.9, 0]]);
    } finally {
      await pool.end();
    }
  });

  it('names what a group’s products have in common, each against its own before, with evidence of them in turn', async () => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    try {
      let offset = 10_000;
      for (const [product, usual] of [['soap', 'smells odd'], ['towel', 'scratchy']] as const) {
        for (let n = 0; n < 40; n += 1) {
          offset += 1;
          const now = n >= 30;
          await pool.query(`INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, text, app_version, p_negative, p_negative_text, top_words, model_id)
            VALUES ('reviews.v1', 0, $1, $2, $3, $4, 0, $5, '1', 0.9, 0.9, '[]', 'm')`, [offset, new Date(START + (now ? n * 1000 : (n - 40) * HOUR)), product, `g${offset}`, now && n < 34 ? `${usual}, parcel soaked ${n}` : `${usual} ${n}`]);
        }
        await pool.query(`INSERT INTO internal.surge (surge_id, seq, product_id, status, channel, opened_at, started_at, last_change_at, expected, observed, excess, severity, share_before, share_now, budget_per_day, settings_id, model_id, contributors)
          VALUES ($1, 1, $1, 'opened', 'count', $3, $2, $3, 1, 12, 11, 5, 0.1, 0.5, 0.01, 's', 'm', '[]')`, [product, new Date(START), new Date(START + HOUR)]);
        await pool.query(`INSERT INTO internal.surge_evidence (surge_id, rank, review_id, topic, partition, "offset", reviewed_at, p_negative, excerpt, top_words) VALUES ($1, 1, 'e1', 'reviews.v1', 0, 1, $2, 0.9, $1 || ' parcel soaked', '[]')`, [product, new Date(START)]);
      }
      await pool.query(`INSERT INTO internal.group_surge (group_surge_id, group_name, opened_at) VALUES ('group:Bath', 'Bath', $1)`, [new Date(START)]);
      await pool.query(`INSERT INTO internal.group_surge_child (surge_id, group_surge_id) VALUES ('soap', 'group:Bath'), ('towel', 'group:Bath')`);
      const said = () => explainGroups({ pool, say: () => undefined, lexicon });
      assert.deepEqual([await said(), await said()], [1, 0]);
      const shown = async () => (await database.query<{ contributors: { value: string; shareNow: number }[]; evidence: { productId: string; excerpt: string; at: string }[]; observed_without: number; brigading: string | null }>('SELECT contributors, evidence, observed_without, brigading FROM tidewatch.group_surges'))[0]!;
      const first = await shown();
      assert.ok(first.contributors.length > 0 && first.contributors[0]!.shareNow === 0.4 && first.contributors.every(({ value }) => /parcel|soaked|delivery/.test(value)), JSON.stringify(first.contributors));
      assert.deepEqual(first.evidence.map(({ productId, excerpt, at }) => [productId, excerpt, at]), [['soap', 'soap parcel soaked', new Date(START).toISOString()], ['towel', 'towel parcel soaked', new Date(START).toISOString()]]);
      assert.equal(first.observed_without, 24);
      await pool.query(`UPDATE internal.surge SET seq = 2 WHERE surge_id = 'soap'`);
      assert.equal(await said(), 1, 'anew after each transition of a child');
    } finally {
      await pool.end();
    }
  });
});
