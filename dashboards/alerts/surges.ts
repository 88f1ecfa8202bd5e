/** Alerts on what the models found: open surges by severity, moves far outside their forecast, forecasts that no longer cover. */
import type { AlertText } from '../shared/alert.js';
import { named } from './named.js';

const OPEN = `
SELECT now() AS time, product_id AS product, severity FROM tidewatch.surge_alerts
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.surge_alerts)
ORDER BY 1`;

/** The product's place in an address, whatever its key holds. */
export const PRODUCT_PAGE = 'products/{{ reReplaceAll "[+]" "%20" (urlquery .Labels.product) }}';
const SYMBOL_PAGE = 'forecasts/{{ reReplaceAll "[+]" "%20" (urlquery .Labels.symbol) }}';

export const surgeAlerts: readonly AlertText[] = [
  {
    name: 'TidewatchSurgeOpen', severity: 'warning', for: '0s', sql: OPEN, above: [0.5, 0.5], page: PRODUCT_PAGE,
    summary: `Negative reviews of ${named('product')} surge`,
    description: 'A surge of severity {{ printf "%.1f" .Values.B.Value }} of 10 is open: more negative reviews than the history of this product lets expect. The page names the reviews and what they have in common.',
  },
  {
    name: 'TidewatchSurgeSevere', severity: 'critical', for: '0s', sql: OPEN, above: [5.9, 5], page: PRODUCT_PAGE,
    summary: `Negative reviews of ${named('product')} surge severely`,
    description: 'A surge of severity {{ printf "%.1f" .Values.B.Value }} of 10 is open; 6 and more is severe. The page names the reviews and what they have in common.',
  },
  {
    // a move is news for an hour, or until the next bar is due where bars are further apart
    name: 'TidewatchMoveSevere', severity: 'warning', for: '0s', above: [7.5, 7.5], page: SYMBOL_PAGE,
    sql: `
SELECT now() AS time, w.symbol, coalesce(max(m.severity), 0) AS severity
FROM (SELECT DISTINCT symbol FROM tidewatch.forecast_standing) w
LEFT JOIN (
  SELECT symbol, severity FROM tidewatch.move_alerts
  WHERE at > now() - interval '7 days' AND at > now() - greatest(interval '1 hour', 1.5 * (at - made_at) / horizon)
) m USING (symbol)
GROUP BY w.symbol
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.forecast_standing)
ORDER BY 1`,
    summary: `${named('symbol')} moved far outside its forecast`,
    description: 'A move of severity {{ printf "%.0f" .Values.B.Value }} of 10: of ten thousand forecasts, fewer than one should be missed by so much. The page shows the forecast and what came.',
  },
  {
    name: 'TidewatchCoverageLost', severity: 'warning', for: '15m', above: [0.5, 0.5], page: SYMBOL_PAGE,
    sql: `
SELECT now() AS time, symbol, max(coverage_off) AS off FROM tidewatch.forecast_standing GROUP BY symbol
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.forecast_standing)
ORDER BY 1`,
    summary: `The bands of ${named('symbol')} no longer cover as they state`,
    description: 'At one horizon or more the 90 % band has held too few or too many of the newest 500 actual returns, beyond what chance allows and the tolerance of 3 points.',
  },
];
