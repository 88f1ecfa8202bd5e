/**
 * Keeps tidewatch.forecast_standing: for symbols whose state has moved on since, the row of each horizon as the exact views give
 * it, the longest waiting first, for a bounded time a turn. The version that is stored was read before the views, so a bar
 * committed meanwhile makes the row older than it says at worst by being counted twice, never newer.
 */
import type { ChoreParts } from './chores.js';
import { withClient } from './with-client.js';

const AT_ONCE = 20;
const TURN_MS = 2_000;

const REFRESH = `
WITH chosen AS MATERIALIZED (SELECT entity, version FROM internal.entity_state WHERE stream = 'quotes' AND entity = ANY($1))
INSERT INTO internal.forecast_standing (symbol, horizon, version, forecasts, achieved90, low90, high90, coverage_off, coverage_words, crps, ratio_student_t, p_value, verdict,
  ratio_gaussian, directional_skill, direction_claimed, direction_words, computed_at)
SELECT a.symbol, a.horizon, e.version, a.forecasts, a.achieved, a.low, a.high, a.off, a.words, t.crps, t.ratio, t.p_value, t.verdict, g.ratio, d.skill, d.claimed, d.words, clock_timestamp()
FROM chosen e
CROSS JOIN LATERAL (SELECT * FROM tidewatch.coverage_alerts a WHERE a.symbol = e.entity OFFSET 0) a
LEFT JOIN LATERAL (SELECT * FROM tidewatch.forecast_skill s WHERE s.symbol = e.entity AND s.horizon = a.horizon AND s.baseline = 'student_t' OFFSET 0) t ON true
LEFT JOIN LATERAL (SELECT * FROM tidewatch.forecast_skill s WHERE s.symbol = e.entity AND s.horizon = a.horizon AND s.baseline = 'gaussian' OFFSET 0) g ON true
LEFT JOIN LATERAL (SELECT * FROM tidewatch.forecast_direction d WHERE d.symbol = e.entity AND d.horizon = a.horizon OFFSET 0) d ON true
ON CONFLICT (symbol, horizon) DO UPDATE SET version = excluded.version, forecasts = excluded.forecasts, achieved90 = excluded.achieved90, low90 = excluded.low90, high90 = excluded.high90,
  coverage_off = excluded.coverage_off, coverage_words = excluded.coverage_words, crps = excluded.crps, ratio_student_t = excluded.ratio_student_t, p_value = excluded.p_value, verdict = excluded.verdict,
  ratio_gaussian = excluded.ratio_gaussian, directional_skill = excluded.directional_skill, direction_claimed = excluded.direction_claimed, direction_words = excluded.direction_words, computed_at = excluded.computed_at`;

/** A symbol that has nothing settled has no row and is looked at every turn, which is cheap as long as it is so. */
const STALEST = `
SELECT e.entity FROM internal.entity_state e
LEFT JOIN LATERAL (SELECT s.version, s.computed_at FROM internal.forecast_standing s WHERE s.symbol = e.entity ORDER BY s.horizon LIMIT 1) s ON true
WHERE e.stream = 'quotes' AND s.version IS DISTINCT FROM e.version AND e.entity <> ALL($2) ORDER BY s.computed_at NULLS FIRST, e.entity LIMIT $1`;

/** @returns symbols looked at */
export async function keepStandings({ pool }: Pick<ChoreParts, 'pool'>, clock: () => number = Date.now): Promise<number> {
  const end = clock() + TURN_MS;
  const done = new Set<string>();
  do {
    const symbols = await withClient(pool, async (client) => {
      const chosen = (await client.query<{ entity: string }>(STALEST, [AT_ONCE, [...done]])).rows.map(({ entity }) => entity);
      if (chosen.length > 0) await client.query(REFRESH, [chosen]);
      return chosen;
    });
    if (symbols.length === 0) break;
    for (const symbol of symbols) done.add(symbol);
  } while (clock() < end);
  return done.size;
}
