/** The whole flow on real parts: a stream in, every row where it belongs, however the stream is cut into partitions and batches. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { consumeAll, type Run } from './support/consume-all.js';
import { DAYS, makeStream, PRODUCTS } from './support/messages.js';

// What the products of a source have in common is learnt within a partition: with a source for each product, scores do not depend on how many there are.
const stream = makeStream(7, 4_000, 200, (_n, product) => `shop ${product}`);

describe('reviews and quotes through Kafka into Postgres', () => {
  let narrow: Run;
  let wide: Run;

  before(async () => {
    narrow = await consumeAll('narrow', stream, 1, { KAFKA_FETCH_BYTES: '20000' });
    wide = await consumeAll('wide', stream, 4, { KAFKA_FETCH_BYTES: '1000000' });
  });

  after(() => Promise.all([narrow, wide].map((run) => run.close())));

  const value = async (run: Run, text: string) => Object.values((await run.client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0];

  it('scores every valid review once, however often it came', async () => {
    assert.equal(Number(await value(wide, 'select count(*) from tidewatch.reviews_scored')), stream.expected.scored);
    assert.equal(Number(await value(wide, `select sum(duplicates) from tidewatch.stream_positions where topic like '%reviews%'`)), stream.expected.duplicates);
  });

  it('replaces a corrected score and does not step the state a second time', async () => {
    assert.ok(Number(await value(wide, 'select count(*) from tidewatch.reviews_scored where revision > 0')) > 0);
    assert.equal(Number(await value(wide, `select sum(version) from internal.entity_state where stream = 'reviews'`)), stream.expected.scored);
  });

  it('turns every malformed message into a dead letter with its bytes and a reason', async () => {
    assert.equal(Number(await value(wide, `select count(*) from tidewatch.dead_letters where topic like '%reviews%'`)), stream.expected.malformed);
    assert.equal(Number(await value(wide, `select count(*) from tidewatch.dead_letters where coalesce(reason, '') = '' or payload is null`)), 0);
    assert.ok(Number(await value(wide, `select count(*) from tidewatch.dead_letters where code = 'late_quote'`)) > 0);
  });

  it('opens and closes the surge that is in the stream, and of others no more than the alarm budget allows, none of which weighs much', async () => {
    const { rows } = await wide.client.query<{ product_id: string; status: string; severity: number }>('select product_id, status, severity from tidewatch.surges order by severity desc');
    const [worst, ...others] = rows;
    assert.deepEqual(worst, { product_id: 'product-3', status: 'closed', severity: 10 });
    assert.ok(others.every(({ severity }) => severity <= 3), JSON.stringify(others));
    assert.ok(others.length <= (PRODUCTS * DAYS) / 91, `${others.length} false alarms`); // one a quarter and product
  });

  it('settles forecasts in the order of bars, with scores beside the random walks', async () => {
    assert.equal(Number(await value(wide, 'select count(*) from tidewatch.quotes')), stream.expected.bars);
    assert.ok(Number(await value(wide, `select count(*) from tidewatch.forecasts where status = 'settled' and crps is not null and crps_gaussian is not null`)) > 1_000);
    assert.equal(Number(await value(wide, `select count(*) from tidewatch.forecasts f join tidewatch.quotes q on q.symbol = f.symbol and q.bar = f.bar + f.horizon where f.status = 'settled' and f.settled_at <> q.at`)), 0);
  });

  it('keeps what fields it does not know', async () => {
    assert.ok(Number(await value(wide, `select count(*) from internal.review_score where extra @> '{"unknownField": {"kept": true}}'`)) > 0);
  });

  for (const [what, query] of Object.entries({
    'hidden states': `select stream, entity, version, model_id, label, last_event_at, md5(hidden) as hidden from internal.entity_state order by 1, 2`,
    trackers: 'select stream, entity, md5(tracker) as tracker from internal.entity_state order by 1, 2',
    'review scores': 'select product_id, review_id, revision, p_negative, p_negative_text, expected_negative, top_words from tidewatch.reviews_scored order by 1, 2',
    surges: 'select surge_id, seq, status, at, expected, observed, severity from internal.surge_transition order by 1, 2',
    forecasts: 'select symbol, bar, horizon, corrected, raw, actual, crps, pit from tidewatch.forecasts order by 1, 2, 3',
  })) {
    it(`gives the same ${what}, to the last bit, with one partition and small batches as with four and large ones`, async () => {
      const [one, four] = await Promise.all([narrow, wide].map(async (run) => (await run.client.query(query)).rows as unknown[]));
      assert.ok(one!.length > 0);
      assert.deepEqual(one, four);
    });
  }
});
