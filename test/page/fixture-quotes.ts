/** Made-up bars, forecasts and settlements, and the pipeline's own rows. Bands come from the walk that makes the prices, so they nearly hold. */
import pg from 'pg';
import { seededRandom } from '#seeded-random';
import { keepStandings } from '../../apps/scheduler/keep-standings.js';
import { insert, type Row } from './fixture-rows.js';

const MINUTE = 60_000;
const LEVELS = [0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995];
const Z = [-2.576, -1.96, -1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645, 1.96, 2.576];
const SYMBOLS = ['ACME', 'BOREAL', 'CINDER', 'DELTA', 'EMBER', 'FJORD', 'GRANITE', 'HALO'];
const MODEL = 'quotes-2026-11-d4e5f6';
const HORIZONS = [1, 5, 20];

export async function fillQuotes(client: pg.Client, now: number, bars = 700): Promise<void> {
  for (const [n, symbol] of SYMBOLS.entries()) {
    const random = seededRandom(100 + n);
    const sigma = 0.0008 + n * 0.0003;
    // three symbols are stated too narrowly, so that the page has something to say
    const stated = n % 3 === 1 ? 0.72 : 1;
    const closes = [40 + n * 37];
    for (let bar = 1; bar < bars; bar += 1) closes.push(closes[bar - 1]! * Math.exp(sigma * normal(random)));
    const at = (bar: number) => new Date(now - (bars - bar) * 5 * MINUTE);
    const quotes: Row[] = closes.map((close, bar) => ({ symbol, at: at(bar), bar: bar + 1, topic: 'quotes.v1', partition: n % 4, offset: bar * 8 + n, close, log_return: bar === 0 ? null : Math.log(close / closes[bar - 1]!), model_id: MODEL }));
    const forecasts: Row[] = [];
    const settlements: Row[] = [];
    for (let bar = 20; bar < bars; bar += 1) {
      for (const horizon of HORIZONS) {
        const scale = sigma * stated * Math.sqrt(horizon);
        const quantiles = Z.map((z) => z * scale);
        forecasts.push({ symbol, made_at: at(bar), bar: bar + 1, horizon, close: closes[bar], levels: LEVELS, corrected: quantiles, raw: quantiles, baseline_sigma: scale, model_id: MODEL });
        if (bar + horizon >= bars) continue;
        const actual = Math.log(closes[bar + horizon]! / closes[bar]!);
        const inside = (level: number) => Math.abs(actual) <= -Z[LEVELS.indexOf(level)]! * scale;
        settlements.push({ symbol, made_at: at(bar), bar: bar + 1, horizon, settled_at: at(bar + horizon), status: 'settled', actual, median: 0.02 * scale * normal(random), pinball: Math.abs(actual) / 4, crps: Math.abs(actual) * (n % 2 === 0 ? 0.5 : 0.53), pit: 0.5, covered50: inside(0.25), covered80: inside(0.1), covered90: inside(0.05), covered95: inside(0.025), covered99: inside(0.005), raw_covered90: inside(0.05), crps_gaussian: Math.abs(actual) * 0.52, crps_student_t: Math.abs(actual) * 0.521 });
      }
    }
    await insert(client, 'quote_bar', quotes);
    await insert(client, 'forecast', forecasts);
    await insert(client, 'settlement', settlements);
    await insert(client, 'entity_state', [{ stream: 'quotes', entity: symbol, version: bars, model_id: MODEL, snapshot_id: 0, label: null, last_event_at: at(bars - 1), format: 1, hidden: Buffer.alloc(4), tracker: Buffer.alloc(4), checksum: 0, summary: {} }]);
  }
}

/** What the scheduler makes of the forecasts. */
export async function fillStandings(connectionString: string): Promise<void> {
  const pool = new pg.Pool({ connectionString, max: 1 });
  await keepStandings({ pool });
  await pool.end();
}

export async function fillPipeline(client: pg.Client, now: number): Promise<void> {
  const lease = (topic: string, partition: number, next: number, lag: number): Row => ({
    topic, partition, next_offset: next, high_watermark: next + lag, epoch: 3, owner: `worker-${partition % 2}`, watermark: new Date(now - partition * 20_000), accepted: next - 12, duplicates: 9, rejected: 3, committed_at: new Date(now - partition * 2000),
  });
  await insert(client, 'stream_lease', [0, 1, 2, 3].flatMap((partition) => [lease('reviews.v1', partition, 11_840 + partition * 213, partition === 2 ? 42 : 0), lease('quotes.v1', partition, 1_400 + partition, 0)]));
  const letter = (offset: number, code: string, reason: string, payload: string | null): Row => ({ topic: 'reviews.v1', partition: offset % 4, offset, key: Buffer.from('prd-003'), payload: payload === null ? null : Buffer.from(payload), code, reason, message_at: new Date(now - offset * 60_000), noted_at: new Date(now - offset * 59_000) });
  await insert(client, 'dead_letter', [
    letter(2, 'invalid_json', 'The value is not JSON: unexpected end after 31 characters. Expected one JSON object.', '{"reviewId":"r-881","productId":'),
    letter(9, 'far_future', 'reviewedAt is 2031-01-01T00:00:00Z, more than a day after the message’s own time. Expected a time that has been.', '{"reviewId":"r-882","productId":"prd-003","text":"ok","reviewedAt":"2031-01-01T00:00:00Z"}'),
    letter(17, 'tombstone', 'The message has no value. A review cannot be deleted by a tombstone.', null),
    letter(25, 'out_of_range', 'rating is 11. Expected 1 to 5.', '{"reviewId":"r-884","productId":"prd-007","text":"This one goes to eleven","rating":11,"reviewedAt":"2026-11-20T10:00:00Z"}'),
  ]);
  for (const [stream, model] of [['reviews', 'reviews-2026-11-a1b2c3'], ['quotes', MODEL]] as const) {
    await insert(client, 'model', [{ model_id: model, stream, manifest: {}, card: {} }]);
    await insert(client, 'model_activation', [{ stream, model_id: model, policy: 'first' }]);
  }
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
