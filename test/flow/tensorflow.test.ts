/** The whole flow on TensorFlow.js, as MODEL_ENGINE chooses it: the same rows as on ONNX Runtime, numbers to 1e-5. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { consumeAll, type Run } from './support/consume-all.js';
import { makeStream } from './support/messages.js';

const TOLERANCE = 1e-5;
const stream = makeStream(11, 900, 60);

describe('reviews and quotes through Kafka into Postgres on TensorFlow.js', () => {
  let tensorFlow: Run;
  let onnx: Run;

  before(async () => {
    tensorFlow = await consumeAll('tensorflow', stream, 2, { MODEL_ENGINE: 'tfjs' });
    onnx = await consumeAll('onnx', stream, 2, { MODEL_ENGINE: 'onnx' });
  });

  after(() => Promise.all([tensorFlow, onnx].map((run) => run.close())));

  const ofBoth = (query: string) => Promise.all([tensorFlow, onnx].map(async ({ client }) => (await client.query<Record<string, unknown>>(query)).rows));

  it('scores every valid review once and sets what is malformed aside', async () => {
    const { rows: [counted] } = await tensorFlow.client.query<Record<string, string>>(`select (select count(*) from tidewatch.reviews_scored) as scored, (select count(*) from tidewatch.dead_letters where topic like '%reviews%') as malformed, (select count(*) from tidewatch.quotes) as bars`);
    assert.deepEqual(Object.values(counted!).map(Number), [stream.expected.scored, stream.expected.malformed, stream.expected.bars]);
  });

  for (const [what, query] of Object.entries({
    'review scores': 'select product_id, review_id, revision, model_id, p_negative, p_negative_text, expected_negative from tidewatch.reviews_scored order by 1, 2',
    forecasts: 'select symbol, bar, horizon, status, crps, pit from tidewatch.forecasts order by 1, 2, 3',
    surges: 'select surge_id, seq, status, severity from internal.surge_transition order by 1, 2',
  })) {
    it(`gives the ${what} of ONNX Runtime`, async () => {
      const [found, expected] = await ofBoth(query);
      assert.ok(found!.length > 0);
      assert.equal(found!.length, expected!.length);
      found!.forEach((row, i) => {
        for (const [column, value] of Object.entries(row)) {
          const other = expected![i]![column];
          if (typeof value === 'number' && typeof other === 'number') assert.ok(Math.abs(value - other) <= TOLERANCE, `${column} of row ${i}: ${value}, ${other}`);
          else assert.deepEqual(value, other, `${column} of row ${i}`);
        }
      });
    });
  }
});
