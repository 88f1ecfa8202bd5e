/** What `tidewatch forecast` reads, from the public views alone. */
import type { ClientBase } from 'pg';

export interface NewestForecast {
  readonly symbol: string;
  readonly at: Date;
  readonly close: number;
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  /** Corrected log-return quantiles per horizon; [H][Q]. */
  readonly quantiles: readonly (readonly number[])[];
}

export async function newestForecast(client: ClientBase, symbol: string): Promise<NewestForecast | null> {
  const { rows } = await client.query<{ made_at: Date; close: number; horizon: number; levels: number[]; corrected: number[] }>(`
    select f.made_at, f.close, f.horizon, f.levels, f.corrected from tidewatch.forecasts f
    where f.symbol = $1 and (f.made_at, f.bar) = (select made_at, bar from tidewatch.forecasts where symbol = $1 order by made_at desc, bar desc limit 1) order by f.horizon`, [symbol]);
  const [first] = rows;
  return first === undefined ? null : { symbol, at: first.made_at, close: first.close, horizons: rows.map((row) => row.horizon), levels: first.levels, quantiles: rows.map((row) => row.corrected) };
}

/** Bars whose forecasts are looked at for the correlations. */
const BARS = 1000;

/** One row of PITs per bar whose forecasts are settled at every one of these horizons, newest bars only; [n][H] */
export async function settledPits(client: ClientBase, symbol: string, horizons: readonly number[]): Promise<number[][]> {
  const { rows } = await client.query<{ pits: number[] }>(`
    select array_agg(pit order by horizon) as pits
    from (select made_at, bar, horizon, pit from tidewatch.forecasts where symbol = $1 and status = 'settled' and horizon = any ($2) order by made_at desc, bar desc limit $3) f
    group by made_at, bar having count(*) = $4 order by made_at, bar`, [symbol, horizons, BARS * horizons.length, horizons.length]);
  return rows.map(({ pits }) => pits);
}
