/**
 * Quotes, forecasts and what became of them. A settlement is a row of its own beside its forecast rather than an
 * update of it: appends only, by binary COPY, and the forecast stays as it was made.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateQuoteTables1795430000003 implements MigrationInterface {
  readonly name = 'CreateQuoteTables1795430000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.quote_bar (
  symbol text NOT NULL,
  at timestamptz NOT NULL,
  bar bigint NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  open float8,
  high float8,
  low float8,
  close float8 NOT NULL,
  bid float8,
  ask float8,
  volume float8,
  interval text,
  extra jsonb,
  log_return float8,
  model_id text NOT NULL,
  scored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (symbol, at, bar)
) PARTITION BY RANGE (at);
CREATE TABLE internal.quote_bar_default PARTITION OF internal.quote_bar DEFAULT;

CREATE TABLE internal.forecast (
  symbol text NOT NULL,
  made_at timestamptz NOT NULL,
  bar bigint NOT NULL,
  horizon int NOT NULL,
  close float8 NOT NULL,
  levels real[] NOT NULL,
  corrected real[] NOT NULL,
  raw real[] NOT NULL,
  baseline_sigma float8 NOT NULL,
  model_id text NOT NULL,
  PRIMARY KEY (symbol, made_at, bar, horizon)
) PARTITION BY RANGE (made_at);
CREATE TABLE internal.forecast_default PARTITION OF internal.forecast DEFAULT;

CREATE TABLE internal.settlement (
  symbol text NOT NULL,
  made_at timestamptz NOT NULL,
  bar bigint NOT NULL,
  horizon int NOT NULL,
  settled_at timestamptz NOT NULL,
  status text NOT NULL,
  reason text,
  actual float8,
  pinball float8,
  crps float8,
  pit float8,
  covered50 boolean,
  covered80 boolean,
  covered90 boolean,
  covered95 boolean,
  covered99 boolean,
  raw_covered90 boolean,
  crps_gaussian float8,
  crps_student_t float8,
  PRIMARY KEY (symbol, made_at, bar, horizon)
) PARTITION BY RANGE (made_at);
CREATE TABLE internal.settlement_default PARTITION OF internal.settlement DEFAULT;
-- forecast_coverage walks the newest settlements of each symbol and horizon
CREATE INDEX settlement_newest ON internal.settlement (symbol, horizon, made_at DESC) WHERE status = 'settled';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE internal.settlement, internal.forecast, internal.quote_bar;');
  }
}
