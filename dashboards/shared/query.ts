/**
 * A query for Grafana's PostgreSQL data source, which the foundation SDK has no type for. Written after Grafana's
 * documentation of that source: format "time_series" needs a column `time` and rows in its order; "table" takes any.
 */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DATASOURCE } from './datasource.js';

export type QueryFormat = 'time_series' | 'table';

export interface PostgresQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: typeof DATASOURCE;
  readonly editorMode: 'code';
  readonly format: QueryFormat;
  readonly rawQuery: true;
  readonly rawSql: string;
}

function query(format: QueryFormat, sql: string, refId: string): Builder<Dataquery> {
  const built: PostgresQuery = { refId, datasource: DATASOURCE, editorMode: 'code', format, rawQuery: true, rawSql: sql.trim(), _implementsDataqueryVariant: () => undefined };
  return { build: () => built };
}

/** First column `time`, then a number per series, or one number and a text column `metric` that names the series. */
export const overTime = (sql: string, refId = 'A'): Builder<Dataquery> => query('time_series', sql, refId);

export const rows = (sql: string, refId = 'A'): Builder<Dataquery> => query('table', sql, refId);
