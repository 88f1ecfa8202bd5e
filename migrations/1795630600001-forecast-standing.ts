/**
 * How the forecasts of all symbols stand, kept per symbol and horizon so that a dashboard need not work it out over a million
 * settlements; and symbols whose own feed is silent while their session is usually open. Both are written by the scheduler.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'forecast_standing',
    comment: 'How the forecasts of every symbol and horizon stand, as forecast_skill, coverage_alerts and forecast_direction gave it at computed_at. For one symbol ask those views: they are exact at any moment.',
    columns: {
      symbol: 'Ticker symbol.',
      horizon: 'Bars ahead.',
      forecasts: 'Settled forecasts looked at for coverage and skill, at most 500.',
      achieved90: 'Share of actuals in the 90 % band.',
      low90: 'Lower end of its 95 % Wilson interval; n forecasts count as n / horizon.',
      high90: 'Upper end of it.',
      coverage_off: '1 when the whole interval lies beyond the tolerance of 0.03, else 0.',
      coverage_words: 'too narrow, too wide, within tolerance, or too few.',
      crps: 'Mean CRPS of the forecasts.',
      ratio_student_t: 'CRPS to that of the walk with Student-t errors: below 1 the forecasts are better. Null before any is settled.',
      p_value: 'Diebold-Mariano test against that walk, two-sided.',
      verdict: 'better, worse or level, at 5 %; too few.',
      ratio_gaussian: 'CRPS to that of the walk with Gaussian errors.',
      directional_skill: '1 - mean |actual - median| / mean |actual| over the newest 250 forecasts.',
      direction_claimed: 'Whether directional skill is claimed.',
      direction_words: 'The same as a sentence.',
      bars_since: 'Bars of the symbol since this was computed: 0 is exact now.',
      computed_at: 'Clock time at which it was computed.',
    },
    select: `
SELECT s.symbol, s.horizon, s.forecasts, s.achieved90, s.low90, s.high90, s.coverage_off, s.coverage_words, s.crps, s.ratio_student_t, s.p_value, s.verdict,
  s.ratio_gaussian, s.directional_skill, s.direction_claimed, s.direction_words, greatest(e.version - s.version, 0), s.computed_at
FROM internal.forecast_standing s JOIN internal.entity_state e ON e.stream = 'quotes' AND e.entity = s.symbol`,
  },
  {
    name: 'stale_symbols',
    comment: 'Symbols that have brought no bar for a span in which they brought several in each of the weeks before: silent while their session is usually open. Normally empty. A whole feed that is silent is in feed_silence instead.',
    columns: {
      symbol: 'Ticker symbol.',
      silent_since: 'Time of its newest bar.',
      usual_bars: 'Bars that came in the same span of the week before, in the thinnest of the weeks compared.',
      weeks: 'Weeks compared, at most 4.',
      severity: '1 to 10: 1 at the fewest bars that are flagged, one more for every doubling of the bars that are missing.',
      words: 'The same as a sentence.',
      flagged_at: 'Clock time at which it was noticed.',
    },
    select: `
SELECT symbol, silent_since, usual_bars, weeks, severity,
  symbol || ' has been silent since ' || to_char(silent_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC, a span in which it usually brings ' || usual_bars || ' bars or more', flagged_at
FROM internal.stale_symbol`,
  },
];

export class ForecastStanding1795630600001 implements MigrationInterface {
  readonly name = 'ForecastStanding1795630600001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.forecast_standing (
  symbol text NOT NULL,
  horizon int NOT NULL,
  -- of the symbol's state when it was computed
  version bigint NOT NULL,
  forecasts bigint NOT NULL,
  achieved90 float8,
  low90 float8,
  high90 float8,
  coverage_off int NOT NULL,
  coverage_words text NOT NULL,
  crps float8,
  ratio_student_t float8,
  p_value float8,
  verdict text,
  ratio_gaussian float8,
  directional_skill float8,
  direction_claimed boolean,
  direction_words text,
  computed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (symbol, horizon)
);
CREATE TABLE internal.stale_symbol (
  symbol text PRIMARY KEY,
  silent_since timestamptz NOT NULL,
  usual_bars int NOT NULL,
  weeks int NOT NULL,
  severity int NOT NULL,
  flagged_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP TABLE internal.stale_symbol, internal.forecast_standing;`);
  }
}
