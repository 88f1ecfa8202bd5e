/**
 * How good the forecasts are, with what chance allows for: bands per window with an interval, CRPS against the baselines with a
 * Diebold-Mariano test, a claim of direction or its denial, moves beyond the 99 % band, symbols whose coverage is off.
 * libs/forecast-prices/skill.ts has the same tests in plain loops and their sources; a test holds the two together.
 * Everything walks index settlement_newest, a few hundred rows per symbol and horizon.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

/** Every symbol with its horizons, as `e.entity` and `h.horizon`. */
const SYMBOLS_AND_HORIZONS = `internal.entity_state e
CROSS JOIN LATERAL (
  SELECT f.horizon, count(*) OVER () AS horizons
  FROM (SELECT horizon FROM internal.forecast WHERE symbol = e.entity ORDER BY made_at DESC, bar DESC LIMIT 64) f GROUP BY f.horizon
) h`;

const newest = (columns: string, limit: number, also = ''): string => `
  SELECT made_at, bar, ${columns} FROM internal.settlement s
  WHERE s.symbol = e.entity AND s.horizon = h.horizon AND s.status = 'settled'${also} ORDER BY s.made_at DESC LIMIT ${limit}`;

/**
 * Of \`losses\` (key: a number, as text sorts slowly; made_at, bar, d, and what else is to be averaged): per key the mean of d and its variance with all
 * autocovariances below lag h, by differences of running sums instead of lag by lag: linear in rows. \`aggregates\` go along.
 */
const overlapping = (losses: string, aggregates: string): string => `
  SELECT key, n, ${aggregates}, mean, CASE WHEN g0 + 2 * g > 0 THEN g0 + 2 * g ELSE g0 + 2 * tapered / h.horizon END AS variance,
    sqrt(greatest(0, (n + 1 - 2 * h.horizon + h.horizon * (h.horizon - 1) / n) / n)) AS small_sample
  FROM (
    SELECT key, count(*)::float8 AS n, max(mean) AS mean, ${aggregates.split(', ').map((name) => `avg(${name}) AS ${name}`).join(', ')},
      sum(e * e) / count(*) AS g0, coalesce(sum(e * before), 0) / count(*) AS g, coalesce(sum(e * weighted), 0) / count(*) AS tapered
    FROM (
      SELECT *, upto - e - far AS before, (h.horizon - i) * (upto - e - far) + moment - i * e - far_moment AS weighted
      FROM (
        SELECT *, coalesce(lag(upto, h.horizon) OVER walk, 0) AS far, coalesce(lag(moment, h.horizon) OVER walk, 0) AS far_moment
        FROM (
          SELECT *, sum(e) OVER walk AS upto, sum(i * e) OVER walk AS moment
          FROM (
            SELECT *, avg(d) OVER same AS mean, d - avg(d) OVER same AS e, row_number() OVER (same ORDER BY made_at, bar) AS i
            FROM (${losses}) losses
            WINDOW same AS (PARTITION BY key)
          ) centred
          WINDOW walk AS (PARTITION BY key ORDER BY made_at, bar ROWS UNBOUNDED PRECEDING)
        ) running
        WINDOW walk AS (PARTITION BY key ORDER BY made_at, bar)
      ) lagged
    ) lagged_sums GROUP BY key
  ) sums`;

const STATISTIC = 'CASE WHEN t.n >= 30 AND t.n >= 3 * h.horizon AND t.variance > 0 THEN t.mean / sqrt(t.variance / t.n) * t.small_sample END';

const views: readonly ViewDefinition[] = [
  {
    name: 'forecast_bands',
    comment: 'Coverage stated against achieved, per symbol, horizon, window of newest settled forecasts, and band.',
    columns: {
      symbol: 'Ticker symbol.',
      horizon: 'Bars ahead.',
      window_size: 'Newest settled forecasts looked at: 100, 250, 500 or 1000.',
      forecasts: 'How many of them there are.',
      stated: 'Coverage that the band states: 0.5, 0.8, 0.9, 0.95 or 0.99.',
      achieved: 'Share of actuals in the band.',
      low: 'Lower end of the 95 % Wilson interval of the coverage. Forecasts h bars ahead overlap: n of them count as n / h.',
      high: 'Upper end of it.',
    },
    select: `
SELECT e.entity, h.horizon, c.window_size, c.forecasts, b.stated, b.achieved, (internal.wilson(b.achieved, c.forecasts::float8 / h.horizon))[1], (internal.wilson(b.achieved, c.forecasts::float8 / h.horizon))[2]
FROM ${SYMBOLS_AND_HORIZONS}
CROSS JOIN LATERAL (
  SELECT w.window_size, count(*) AS forecasts, avg(covered50::int)::float8 AS c50, avg(covered80::int)::float8 AS c80, avg(covered90::int)::float8 AS c90,
    avg(covered95::int)::float8 AS c95, avg(covered99::int)::float8 AS c99
  FROM (SELECT *, row_number() OVER (ORDER BY made_at DESC) AS place FROM (${newest('covered50, covered80, covered90, covered95, covered99', 1000)}) s) s
  JOIN (VALUES (100), (250), (500), (1000)) w (window_size) ON s.place <= w.window_size
  GROUP BY w.window_size
) c
CROSS JOIN LATERAL (VALUES (0.5::float8, c.c50), (0.8, c.c80), (0.9, c.c90), (0.95, c.c95), (0.99, c.c99)) b (stated, achieved)
WHERE e.stream = 'quotes' AND b.achieved IS NOT NULL`,
  },
  {
    name: 'forecast_skill',
    comment: 'CRPS against each baseline over the newest 500 settled forecasts per symbol and horizon, with a Diebold-Mariano test that allows for overlap (all lags below the horizon; Harvey, Leybourne and Newbold\'s correction).',
    columns: {
      symbol: 'Ticker symbol.',
      horizon: 'Bars ahead.',
      baseline: 'gaussian or student_t: the random walk with EWMA(0.94) volatility and such errors.',
      forecasts: 'Settled forecasts compared, at most 500.',
      crps: 'Mean CRPS of the forecasts.',
      crps_baseline: 'Mean CRPS of the baseline.',
      ratio: 'crps / crps_baseline: below 1 the forecasts are better.',
      statistic: 'Diebold-Mariano statistic, corrected for small samples: below 0 the forecasts are better. Null: fewer than 30 forecasts or three spans of the horizon.',
      p_value: 'Probability of a statistic so far from 0 where both are alike, from Student\'s t with n - 1 degrees. Many symbols are as many tests.',
      verdict: 'better, worse or level, at 5 %; too few.',
    },
    select: `
SELECT e.entity, h.horizon, CASE t.key WHEN 1 THEN 'gaussian' ELSE 'student_t' END, t.n::bigint, t.crps, t.other, t.crps / nullif(t.other, 0), s.statistic, p.p_value,
  CASE WHEN p.p_value IS NULL THEN 'too few' WHEN p.p_value > 0.05 THEN 'level' WHEN s.statistic < 0 THEN 'better' ELSE 'worse' END
FROM ${SYMBOLS_AND_HORIZONS}
CROSS JOIN LATERAL (${overlapping(`
    SELECT b.key, s.made_at, s.bar, s.crps, b.other, s.crps - b.other AS d
    FROM (${newest('crps, crps_gaussian, crps_student_t', 500)}) s
    CROSS JOIN LATERAL (VALUES (1, s.crps_gaussian), (2, s.crps_student_t)) b (key, other)`, 'crps, other')}
) t
CROSS JOIN LATERAL (SELECT ${STATISTIC} AS statistic) s
CROSS JOIN LATERAL (SELECT 2 * internal.student_t_tail(s.statistic, t.n::int - 1) AS p_value) p
WHERE e.stream = 'quotes'`,
  },
  {
    name: 'forecast_direction',
    comment: 'Whether the median of the forecasts says anything about direction, per symbol and horizon, over the newest 250 settled forecasts.',
    columns: {
      symbol: 'Ticker symbol.',
      horizon: 'Bars ahead.',
      forecasts: 'Settled forecasts looked at, at most 250.',
      skill: '1 - mean |actual - median| / mean |actual|: above 0 the median was nearer than no change.',
      p_value: 'One-sided Diebold-Mariano test that the median is nearer than no change, with as many degrees of freedom as spans of the horizon less one.',
      claimed: 'Whether skill is claimed: at 5 % over all horizons of the symbol together.',
      words: 'The same as a sentence.',
    },
    select: `
SELECT e.entity, h.horizon, t.n::bigint, 1 - t.error / nullif(t.walk, 0), p.p_value, coalesce(p.p_value <= 0.05 / h.horizons, false),
  CASE WHEN p.p_value <= 0.05 / h.horizons THEN '' ELSE 'no ' END || 'directional skill in the last ' || t.n || ' forecasts'
FROM ${SYMBOLS_AND_HORIZONS}
CROSS JOIN LATERAL (${overlapping(`
    SELECT 1 AS key, s.made_at, s.bar, abs(s.actual - s.median) AS error, abs(s.actual) AS walk, abs(s.actual - s.median) - abs(s.actual) AS d
    FROM (${newest('actual, median', 250, ' AND s.median IS NOT NULL')}) s`, 'error, walk')}
) t
CROSS JOIN LATERAL (SELECT ${STATISTIC} AS statistic) s
CROSS JOIN LATERAL (SELECT CASE WHEN s.statistic < 0 THEN internal.student_t_tail(s.statistic, floor(t.n / h.horizon)::int - 1) ELSE 1 - internal.student_t_tail(s.statistic, floor(t.n / h.horizon)::int - 1) END AS p_value) p
WHERE e.stream = 'quotes'`,
  },
  {
    name: 'coverage_alerts',
    comment: 'One row per symbol and horizon: whether the 90 % band has left its tolerance over the newest 500 settled forecasts. off = 1 is an alert.',
    columns: {
      symbol: 'Ticker symbol.',
      horizon: 'Bars ahead.',
      forecasts: 'Settled forecasts counted, at most 500.',
      stated: 'Coverage that the band states.',
      achieved: 'Share of actuals in it.',
      low: 'Lower end of the 95 % Wilson interval; n forecasts count as n / horizon.',
      high: 'Upper end of it.',
      tolerance: 'How far the coverage may be off before it is an alert.',
      off: '1 when the whole interval lies beyond the tolerance, else 0. Fewer than 20 spans of the horizon never alert.',
      words: 'too narrow, too wide, within tolerance, or too few.',
    },
    select: `
SELECT e.entity, h.horizon, c.forecasts, c.stated, c.achieved, w.bounds[1], w.bounds[2], c.tolerance, (v.words IN ('too narrow', 'too wide'))::int, v.words
FROM ${SYMBOLS_AND_HORIZONS}
CROSS JOIN LATERAL (SELECT count(*) AS forecasts, avg(covered90::int)::float8 AS achieved, 0.9::float8 AS stated, 0.03::float8 AS tolerance FROM (${newest('covered90', 500)}) s) c
CROSS JOIN LATERAL (SELECT internal.wilson(c.achieved, c.forecasts::float8 / h.horizon) AS bounds) w
CROSS JOIN LATERAL (SELECT CASE WHEN c.forecasts < 20 * h.horizon THEN 'too few' WHEN w.bounds[2] < c.stated - c.tolerance THEN 'too narrow'
  WHEN w.bounds[1] > c.stated + c.tolerance THEN 'too wide' ELSE 'within tolerance' END AS words) v
WHERE e.stream = 'quotes' AND c.forecasts > 0`,
  },
  {
    name: 'move_alerts',
    comment: 'Moves beyond the 99 % band of their forecast. One in a hundred is expected; severity says how far out.',
    columns: {
      symbol: 'Ticker symbol.',
      at: 'Time of the bar that lay outside.',
      horizon: 'Bars ahead of the forecast it was held against.',
      made_at: 'Time of the bar at which that forecast was made.',
      bar: 'Number of that bar.',
      direction: 'up or down.',
      close: 'Price the forecast started from.',
      actual_close: 'Price that came.',
      low99: 'Lower border of the 99 % band, as a price.',
      high99: 'Upper border of it.',
      tail_probability: 'Twice the share of the forecast beyond the actual: 0.01 at the border. Beyond the outermost quantiles the tail is exponential.',
      severity: '1 to 10: 1 at the border, one more for every halving of tail_probability.',
      model_id: 'Model that made the forecast.',
    },
    select: `
SELECT s.symbol, s.settled_at, s.horizon, s.made_at, s.bar, CASE WHEN s.pit > 0.5 THEN 'up' ELSE 'down' END, f.close, f.close * exp(s.actual),
  f.close * exp(f.corrected[array_position(f.levels, 0.005::real)]::float8), f.close * exp(f.corrected[array_position(f.levels, 0.995::real)]::float8), p.tail,
  least(10, greatest(1, 1 + floor(ln(0.01 / greatest(p.tail, 1e-9)) / ln(2))))::int, f.model_id
FROM internal.settlement s
-- LIMIT 1: a plain join is taken for one that finds almost nothing, and the newest alerts for a sort of them all
CROSS JOIN LATERAL (SELECT * FROM internal.forecast f WHERE f.symbol = s.symbol AND f.made_at = s.made_at AND f.bar = s.bar AND f.horizon = s.horizon LIMIT 1) f
CROSS JOIN LATERAL (SELECT 2 * least(s.pit, 1 - s.pit) AS tail) p
WHERE NOT s.covered99`,
  },
];

export class ForecastSkill1795600000002 implements MigrationInterface {
  readonly name = 'ForecastSkill1795600000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.settlement ADD COLUMN median float8;
CREATE INDEX settlement_outside ON internal.settlement (settled_at DESC) WHERE NOT covered99;

-- Wilson's score interval at 95 % (1927): sound near 0 and 1 and for few trials, where the plain one is not.
CREATE FUNCTION internal.wilson(share float8, trials float8) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY[middle - reach, middle + reach] FROM (
    SELECT (share + z2 / (2 * trials)) / (1 + z2 / trials) AS middle,
      sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials * trials))) / (1 + z2 / trials) AS reach
    FROM (VALUES (3.8414588206941245::float8)) z (z2)
  ) w
$$;

-- P(T > |t|) for Student's t with whole degrees of freedom: the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4.
CREATE FUNCTION internal.student_t_tail(t float8, degrees int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  angle float8 := atan(abs(t) / sqrt(greatest(degrees, 1)));
  cosine float8 := cos(angle);
  odd boolean := degrees % 2 = 1;
  term float8 := CASE WHEN odd THEN cosine ELSE 1 END;
  sum float8 := term;
  k int := CASE WHEN odd THEN 3 ELSE 2 END;
BEGIN
  IF t IS NULL OR degrees < 1 THEN
    RETURN NULL;
  END IF;
  WHILE k < degrees AND term > 1e-18 LOOP
    term := term * cosine * cosine * (k - 1) / k;
    sum := sum + term;
    k := k + 2;
  END LOOP;
  IF NOT odd THEN
    RETURN greatest(0, (1 - sin(angle) * sum) / 2);
  ELSIF degrees = 1 THEN
    RETURN 0.5 - angle / pi();
  END IF;
  RETURN greatest(0, 0.5 - (angle + sin(angle) * sum) / pi());
END $$;
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP FUNCTION internal.student_t_tail, internal.wilson;
ALTER TABLE internal.settlement DROP COLUMN median;
DROP INDEX internal.settlement_outside;`);
  }
}
