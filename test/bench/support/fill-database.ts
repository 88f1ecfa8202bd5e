/**
 * A large database as the workers would leave it, made by the server itself: reviews of products by Zipf's law in the order of time,
 * surges, dead letters, samples; bars, forecasts and settlements of a Gaussian walk.
 */
import type pg from 'pg';

const DAYS = 90;

/** @param reviews rows; the busiest of `products` has about a ninth of them */
export async function fillReviews(client: pg.Client, reviews: number, products: number): Promise<void> {
  for (let day = DAYS + 31; day >= -31; day -= 28) await client.query("SELECT internal.ensure_month('review_score', 'reviewed_at', now() - make_interval(days => $1))", [day]);
  await client.query(`
INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, product_name, review_id, revision, rating, text, lang, source, region, app_version, p_negative, p_negative_text, expected_negative, top_words, model_id, scored_at)
SELECT 'reviews.v1', n % 4, n / 4, at, 'prd-' || p, 'Product ' || p, 'r' || n, 0, 1 + n % 5, repeat('This one stopped working after two weeks. ', 1 + (random() * 10)::int), 'en', 'shop', CASE WHEN n % 3 = 0 THEN 'DE' ELSE 'US' END, '4.' || n % 6,
  x, x, 0.1, '[{"word": "stopped", "start": 9, "end": 16, "weight": 0.4}]', 'bench', at + interval '1 second'
FROM (
  SELECT n, now() - make_interval(secs => ${DAYS} * 86400.0 * ($1 - n) / $1) AS at, floor(exp(random() * ln($2 + 1)))::int AS p, CASE WHEN random() < 0.1 THEN 0.9 ELSE 0.05 END AS x
  FROM generate_series(1, $1::int) n
) made ORDER BY n`, [reviews, products]);
  await client.query(`
INSERT INTO internal.entity_state (stream, entity, version, model_id, snapshot_id, label, last_event_at, format, hidden, tracker, checksum, summary)
SELECT 'reviews', product_id, count(*), 'bench', 0, max(product_name), max(reviewed_at), 1001, decode(repeat('ab', 1500), 'hex'), decode(repeat('cd', 2500), 'hex'), 0, '{"negativesPerDay": 1}'
FROM internal.review_score GROUP BY product_id`);
  await client.query(`
INSERT INTO internal.surge SELECT product_id || '@' || k, 4, product_id, CASE WHEN k = 1 AND open THEN 'worsening' ELSE 'closed' END, 'count', at, CASE WHEN k = 1 AND open THEN NULL ELSE at + interval '1 day' END, at - interval '3 hours', at + interval '1 day', 5, 40, 35, 1 + random() * 9, 0.1, 0.5, 0.01, 'bench', 'bench', '[]'
FROM (SELECT entity AS product_id, k, row_number() OVER () % 40 = 0 AS open, last_event_at - make_interval(days => 10 * k) AS at FROM (SELECT * FROM internal.entity_state WHERE stream = 'reviews' ORDER BY version DESC LIMIT 800) e, generate_series(1, 4) k) made`);
  await client.query(`
INSERT INTO internal.surge_transition SELECT surge_id, n, CASE WHEN n = 1 THEN 'opened' WHEN n < 4 THEN 'worsening' ELSE status END, opened_at + make_interval(hours => 6 * (n - 1)), expected, observed, excess, severity, share_before, share_now, '[]' FROM internal.surge, generate_series(1, 4) n`);
  await client.query(`
INSERT INTO internal.surge_evidence SELECT surge_id, n, 'r' || n, 'reviews.v1', 0, n, opened_at, 0.9, 'It stopped working after two weeks', '[]' FROM internal.surge, generate_series(1, 4) n`);
  await client.query(`
INSERT INTO internal.surge_explanation SELECT surge_id, 4, 40, 2000, (SELECT jsonb_agg(jsonb_build_object('kind', 'term', 'value', 'w' || n, 'shareNow', 0.5, 'shareBefore', 0.1)) FROM generate_series(1, 12) n) FROM internal.surge`);
  await client.query(`
INSERT INTO internal.surge_action (surge_id, seq, action, verdict, by, acted_at) SELECT surge_id, n, CASE n WHEN 1 THEN 'acknowledge' ELSE 'feedback' END, CASE n WHEN 2 THEN 'real' END, 'Mia', opened_at + interval '1 hour' FROM internal.surge, generate_series(1, 2) n WHERE closed_at IS NOT NULL`);
  await client.query(`
INSERT INTO internal.stream_lease (topic, partition, next_offset, epoch, owner, watermark, high_watermark, accepted, duplicates, rejected, committed_at)
SELECT t, p, 250000, 3, 'worker', now(), 250010, 240000, 8000, 2000, now() FROM unnest(ARRAY['reviews.v1', 'quotes.v1']) t, generate_series(0, 11) p`);
  await client.query(`
INSERT INTO internal.dead_letter SELECT 'reviews.v1', 0, n, NULL, convert_to('{"reviewId":', 'UTF8'), CASE n % 3 WHEN 0 THEN 'invalid_json' WHEN 1 THEN 'far_future' ELSE 'missing_field' END, 'The message ends within a value. Expected JSON.', at, at
FROM (SELECT n, now() - make_interval(mins => 5 * n) AS at FROM generate_series(1, 20000) n) made`);
  await client.query(`
INSERT INTO internal.stream_sample SELECT t, now() - make_interval(secs => 30 * n), 4 * (90000 - n), 0, 90000 - n, 10, 1, 2 FROM unnest(ARRAY['reviews.v1', 'quotes.v1']) t, generate_series(1, 89280) n`);
  await client.query(`
INSERT INTO internal.notification_channel (channel, configured, failing_seconds) VALUES ('slack', true, 300), ('email', true, 300)`);
}

/** Symbols x bars x 5 horizons forecasts, all settled, in the order in which a worker writes them; how they stand is written down. */
export async function fillForecasts(client: pg.Client, symbols: number, bars: number): Promise<void> {
  await client.query(`
CREATE TEMP TABLE made AS
SELECT 'S' || lpad(s::text, 4, '0') AS symbol, now() - make_interval(mins => 5 * ($2 - b)) AS made_at, b AS bar, h AS horizon, 0.001 * sqrt(h) AS sigma, 0.001 * sqrt(h) * random_normal() AS actual
FROM generate_series(1, $2::int) b, generate_series(1, $1::int) s, unnest(ARRAY[1, 2, 5, 10, 20]) h`, [symbols, bars]);
  await client.query(`
INSERT INTO internal.forecast SELECT symbol, made_at, bar, horizon, 100, l.levels, l.q, l.q, sigma, 'bench' FROM made
CROSS JOIN LATERAL (SELECT ARRAY[0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995]::real[] AS levels,
  ARRAY(SELECT z * sigma FROM unnest(ARRAY[-2.576, -1.96, -1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645, 1.96, 2.576]) z)::real[] AS q) l`);
  await client.query(`
INSERT INTO internal.settlement (symbol, made_at, bar, horizon, settled_at, status, actual, median, pinball, crps, pit, covered50, covered80, covered90, covered95, covered99, raw_covered90, crps_gaussian, crps_student_t)
SELECT symbol, made_at, bar, horizon, made_at + make_interval(mins => 5 * horizon), 'settled', actual, 0.05 * sigma * random_normal(), 0.3 * sigma, abs(actual) * 0.6, CASE WHEN actual > 0 THEN 1 - 0.5 * exp(-2 * z) ELSE 0.5 * exp(-2 * z) END,
  z < 0.674, z < 1.282, z < 1.645, z < 1.96, z < 2.576, z < 1.645, abs(actual) * (0.6 + 0.02 * random_normal()), abs(actual) * (0.6 + 0.02 * random_normal())
FROM (SELECT *, abs(actual) / sigma AS z FROM made) m`);
  await client.query(`
INSERT INTO internal.entity_state (stream, entity, version, model_id, snapshot_id, format, hidden, tracker, checksum, summary)
SELECT 'quotes', symbol, 1, 'bench', 0, 1003, decode(repeat('ab', 1500), 'hex'), decode(repeat('cd', 2500), 'hex'), 0, '{}' FROM (SELECT DISTINCT symbol FROM made) s`);
  await client.query(`
INSERT INTO internal.forecast_standing (symbol, horizon, version, forecasts, achieved90, low90, high90, coverage_off, coverage_words, crps, ratio_student_t, p_value, verdict, ratio_gaussian, directional_skill, direction_claimed, direction_words)
SELECT DISTINCT symbol, horizon, 1, 500, 0.9, 0.87, 0.92, 0, 'within tolerance', 0.001, 1, 0.5, 'level', 1, 0, false, 'no directional skill in the last 250 forecasts' FROM made`);
  await client.query('DROP TABLE made');
}
