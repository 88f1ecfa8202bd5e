/**
 * A query as Grafana would send it: first the variables of the dashboard, then the macros of its PostgreSQL data source.
 * Written after Grafana's documentation of both (variable format `sqlstring`, macros of the query editor). What it does not know stays,
 * and the test refuses what is left over.
 */
export interface Moment {
  readonly from: Date;
  readonly to: Date;
  /** Length of $__interval, such as 30s, 5m, 1h or 1d. */
  readonly interval: string;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export function expand(sql: string, { from, to, interval }: Moment, variables: Readonly<Record<string, readonly string[]>>): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const time = (at: Date) => quoted(at.toISOString());
  return sql
    .replace(/\$\{(\w+):sqlstring\}/g, (whole, name: string) => variables[name]?.map(quoted).join(',') ?? whole)
    .replace(/\$__interval\b/g, interval)
    .replace(/\$__timeGroup(Alias)?\(([^,()]+),\s*([^,()]+)\)/g, (_, alias: string | undefined, column: string, length: string) => {
      const seconds = secondsOf(length.trim().replaceAll("'", ''));
      return `floor(extract(epoch from ${column})/${seconds})*${seconds}${alias === undefined ? '' : ' AS "time"'}`;
    })
    .replace(/\$__timeFilter\(([^()]+)\)/g, (_, column: string) => `${column} BETWEEN ${time(from)} AND ${time(to)}`)
    .replace(/\$__timeFrom\(\)/g, time(from))
    .replace(/\$__timeTo\(\)/g, time(to));
}

function secondsOf(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`"${text}" is no interval that Grafana knows`);
  return Number(count) * SECONDS[unit]!;
}
