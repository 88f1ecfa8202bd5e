/** Why a forecast was never settled, and why a bar was not compared with the one before it (a split, a long gap), where SQL can see it. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CreateQuoteViews1795430000006 } from './1795430000006-create-quote-views.js';
import { extendView } from './define-view.js';

/** Price at a quantile level; null when the model does not give that level. */
const price = (level: string): string => `f.close * exp(f.corrected[array_position(f.levels, ${level}::real)]::float8)`;

export class UnsettledReasons1795600000001 implements MigrationInterface {
  readonly name = 'UnsettledReasons1795600000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.quote_bar ADD COLUMN break_reason text;
CREATE INDEX quote_bar_breaks ON internal.quote_bar (symbol, at DESC) WHERE break_reason IS NOT NULL;
${extendView('quotes', { break_reason: 'Why this bar is not compared with the ones before it and its return not learned: what looks like a split, a long gap, another interval; null for an ordinary bar.' }, `
SELECT symbol, at, open, high, low, close, bid, ask, volume, interval, bar, log_return, model_id, topic, partition, "offset", scored_at, break_reason
FROM internal.quote_bar`)}
${extendView('forecasts', { reason: 'Why it is unsettled: a split, a gap in the symbol\'s quotes, another interval, a model with other levels; null otherwise.' }, `
SELECT f.symbol, f.bar, f.made_at, f.close, f.horizon, f.levels, f.corrected, f.raw,
  ${price('0.05')} AS price_q05, ${price('0.25')} AS price_q25, ${price('0.5')} AS price_q50, ${price('0.75')} AS price_q75, ${price('0.95')} AS price_q95,
  f.baseline_sigma, f.model_id, coalesce(s.status, 'pending') AS status, s.settled_at, s.actual, f.close * exp(s.actual) AS actual_close, s.crps, s.pinball, s.pit,
  s.covered50, s.covered80, s.covered90, s.covered95, s.covered99, s.raw_covered90, s.crps_gaussian, s.crps_student_t, s.reason
FROM internal.forecast f
LEFT JOIN internal.settlement s ON s.symbol = f.symbol AND s.made_at = f.made_at AND s.bar = f.bar AND s.horizon = f.horizon`)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP VIEW tidewatch.forecast_coverage, tidewatch.forecasts, tidewatch.quotes;
ALTER TABLE internal.quote_bar DROP COLUMN break_reason;`);
    await new CreateQuoteViews1795430000006().up(runner);
  }
}
