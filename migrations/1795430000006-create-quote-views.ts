/** What everyone may read about quotes and forecasts: each band together with what became of it. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

/** Price at a quantile level; null when the model does not give that level. */
const price = (level: string): string => `f.close * exp(f.corrected[array_position(f.levels, ${level}::real)]::float8)`;

const views: readonly ViewDefinition[] = [
  {
    name: 'quotes',
    comment: 'Every bar that was taken.',
    columns: {
      symbol: 'Ticker symbol.',
      at: 'Time of the bar.',
      open: 'Opening price, when given.',
      high: 'Highest price, when given.',
      low: 'Lowest price, when given.',
      close: 'Closing price, the traded price, or the middle of bid and ask.',
      bid: 'Bid, when given.',
      ask: 'Ask, when given.',
      volume: 'Volume, when given.',
      interval: 'Length of the bar as the producer names it.',
      bar: 'Number of the bar of this symbol, from 1.',
      log_return: 'Log return since the previous bar; null for the first.',
      model_id: 'Model that read it.',
      topic: 'Topic of the message.',
      partition: 'Partition of the message.',
      offset: 'Offset of the message.',
      scored_at: 'Clock time at which the row was written.',
    },
    select: `
SELECT symbol, at, open, high, low, close, bid, ask, volume, interval, bar, log_return, model_id, topic, partition, "offset", scored_at
FROM internal.quote_bar`,
  },
  {
    name: 'forecasts',
    comment: 'Every forecast and, once its target bar came, how it did. Returns are log returns from close.',
    columns: {
      symbol: 'Ticker symbol.',
      bar: 'Number of the bar it was made at.',
      made_at: 'Time of that bar.',
      close: 'Close of that bar: the price the returns start from.',
      horizon: 'Bars ahead.',
      levels: 'Quantile levels, ascending.',
      corrected: 'Return quantiles after the online conformal correction, one per level.',
      raw: 'Return quantiles as the model gave them.',
      price_q05: 'Price at the corrected 5 % quantile.',
      price_q25: 'Price at the corrected 25 % quantile.',
      price_q50: 'Price at the corrected median.',
      price_q75: 'Price at the corrected 75 % quantile.',
      price_q95: 'Price at the corrected 95 % quantile.',
      baseline_sigma: 'EWMA(0.94) volatility times the root of the horizon: the scale of the random-walk baselines.',
      model_id: 'Model that made it.',
      status: 'pending, settled, or unsettled when the target bar never came.',
      settled_at: 'Time of the settling bar.',
      actual: 'Realised log return.',
      actual_close: 'Realised close.',
      crps: 'Continuous ranked probability score of the corrected quantiles; smaller is better.',
      pinball: 'Mean pinball loss over the levels.',
      pit: 'Share of the forecast below the actual, 0 to 1.',
      covered50: 'Whether the actual lay in the 50 % band.',
      covered80: 'Whether the actual lay in the 80 % band.',
      covered90: 'Whether the actual lay in the 90 % band.',
      covered95: 'Whether the actual lay in the 95 % band.',
      covered99: 'Whether the actual lay in the 99 % band.',
      raw_covered90: 'Whether the actual lay in the 90 % band before the correction.',
      crps_gaussian: 'CRPS of the Gaussian random walk.',
      crps_student_t: 'CRPS of the Student-t random walk.',
    },
    select: `
SELECT f.symbol, f.bar, f.made_at, f.close, f.horizon, f.levels, f.corrected, f.raw,
  ${price('0.05')}, ${price('0.25')}, ${price('0.5')}, ${price('0.75')}, ${price('0.95')},
  f.baseline_sigma, f.model_id, coalesce(s.status, 'pending'), s.settled_at, s.actual, f.close * exp(s.actual), s.crps, s.pinball, s.pit,
  s.covered50, s.covered80, s.covered90, s.covered95, s.covered99, s.raw_covered90, s.crps_gaussian, s.crps_student_t
FROM internal.forecast f
LEFT JOIN internal.settlement s ON s.symbol = f.symbol AND s.made_at = f.made_at AND s.bar = f.bar AND s.horizon = f.horizon`,
  },
  {
    name: 'forecast_coverage',
    comment: 'Coverage and skill over the newest 500 settled forecasts per symbol and horizon.',
    columns: {
      symbol: 'Ticker symbol.',
      horizon: 'Bars ahead.',
      forecasts: 'Settled forecasts counted, at most 500.',
      coverage50: 'Share of actuals in the 50 % band.',
      coverage80: 'Share of actuals in the 80 % band.',
      coverage90: 'Share of actuals in the 90 % band.',
      coverage95: 'Share of actuals in the 95 % band.',
      coverage99: 'Share of actuals in the 99 % band.',
      raw_coverage90: 'Share of actuals in the 90 % band before the correction.',
      crps: 'Mean CRPS.',
      crps_gaussian: 'Mean CRPS of the Gaussian random walk.',
      crps_student_t: 'Mean CRPS of the Student-t random walk.',
      skill: '1 - crps / the better of the two random walks: above 0 the model beats them.',
    },
    select: `
SELECT e.entity, h.horizon, n.forecasts, n.coverage50, n.coverage80, n.coverage90, n.coverage95, n.coverage99, n.raw_coverage90,
  n.crps, n.crps_gaussian, n.crps_student_t, 1 - n.crps / nullif(least(n.crps_gaussian, n.crps_student_t), 0)
FROM internal.entity_state e
CROSS JOIN LATERAL (
  SELECT DISTINCT f.horizon
  FROM (SELECT horizon FROM internal.forecast WHERE symbol = e.entity ORDER BY made_at DESC, bar DESC LIMIT 64) f
) h
CROSS JOIN LATERAL (
  SELECT count(*) AS forecasts, avg(covered50::int)::float8 AS coverage50, avg(covered80::int)::float8 AS coverage80,
    avg(covered90::int)::float8 AS coverage90, avg(covered95::int)::float8 AS coverage95, avg(covered99::int)::float8 AS coverage99,
    avg(raw_covered90::int)::float8 AS raw_coverage90, avg(crps) AS crps, avg(crps_gaussian) AS crps_gaussian, avg(crps_student_t) AS crps_student_t
  FROM (SELECT * FROM internal.settlement s WHERE s.symbol = e.entity AND s.horizon = h.horizon AND s.status = 'settled'
        ORDER BY s.made_at DESC LIMIT 500) newest
) n
WHERE e.stream = 'quotes' AND n.forecasts > 0`,
  },
];

export class CreateQuoteViews1795430000006 implements MigrationInterface {
  readonly name = 'CreateQuoteViews1795430000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createViews(views));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(dropViews(views));
  }
}
