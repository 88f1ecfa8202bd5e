/** Forecasts: can the bands be trusted? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, frame } from './shared/frame.js';
import { number, series, table } from './shared/panels.js';
import { overTime, rows } from './shared/query.js';
import { coverage90, informative, skill } from './shared/thresholds.js';
import { COUNT, PLAIN, SHARE } from './shared/units.js';

const CHOSEN = "symbol = ${symbol:sqlstring} AND horizon::text = ${horizon:sqlstring}";

export const forecasts = (): Dashboard =>
  frame({ name: 'forecasts', title: 'Forecasts', question: 'Can the bands be trusted?', from: 'now-24h' })
    .withVariable(choice('symbol', 'Symbol', 'SELECT DISTINCT symbol FROM tidewatch.forecast_standing ORDER BY 1', { many: false }))
    .withVariable(choice('horizon', 'Bars ahead', 'SELECT horizon::text FROM tidewatch.forecast_standing WHERE symbol = ${symbol:sqlstring} ORDER BY horizon', { many: false }))
    .withPanel(number({
      title: '90 % coverage', description: 'Share of actual returns inside the 90 % band, over the newest 500 settled forecasts of the chosen symbol and horizon.',
      unit: SHARE, width: 6, empty: 'Nothing settled yet', query: rows(`SELECT coverage90 AS coverage FROM tidewatch.forecast_coverage WHERE ${CHOSEN}`),
    }, coverage90))
    .withPanel(number({
      title: 'Before the correction', description: 'The same as the model gave its bands, before the online conformal correction.',
      unit: SHARE, width: 6, empty: 'Nothing settled yet', query: rows(`SELECT raw_coverage90 AS coverage FROM tidewatch.forecast_coverage WHERE ${CHOSEN}`),
    }, coverage90))
    .withPanel(number({
      title: 'Skill', description: '1 - CRPS / CRPS of the better random walk: above 0 the model is the better. Near 0 is what an efficient market lets expect.',
      unit: SHARE, width: 6, empty: 'Nothing settled yet', query: rows(`SELECT skill FROM tidewatch.forecast_coverage WHERE ${CHOSEN}`),
    }, skill))
    .withPanel(number({
      title: 'Settled forecasts', description: 'Forecasts behind these numbers, at most 500. With fewer than 100 they say little.',
      unit: COUNT, width: 6, empty: '0', query: rows(`SELECT forecasts::float8 FROM tidewatch.forecast_coverage WHERE ${CHOSEN}`),
    }, informative))
    .withPanel(series({
      title: 'Bands at the bar they were made', description: 'Corrected 5, 25, 50, 75 and 95 % price quantiles by the time the forecast was made; "came" is the close of its target bar.',
      unit: PLAIN, width: 24, empty: 'No forecast was made in this time', query: overTime(`
SELECT made_at AS time, price_q05 AS "5 %", price_q25 AS "25 %", price_q50 AS median, price_q75 AS "75 %", price_q95 AS "95 %", actual_close AS came
FROM tidewatch.forecasts WHERE $__timeFilter(made_at) AND ${CHOSEN} ORDER BY 1`),
    }).fillOpacity(0))
    .withPanel(table({
      title: 'Coverage by window', description: 'Coverage stated against achieved over the newest 100 to 1,000 settled forecasts of the chosen symbol and horizon, with the interval that chance allows.',
      unit: SHARE, width: 12, empty: 'Nothing settled yet', query: rows(`
SELECT window_size AS "newest", stated, achieved, low, high FROM tidewatch.forecast_bands WHERE ${CHOSEN} ORDER BY window_size, stated`),
    }, { newest: COUNT }))
    .withPanel(table({
      title: 'Skill and direction', description: 'CRPS of the chosen symbol against the random walks at every horizon (below 1 the forecasts are better), with the test against the walk with Student-t errors, and whether the median says anything about direction.',
      unit: PLAIN, width: 12, empty: 'Nothing settled yet', query: rows(`
SELECT horizon, ratio_student_t AS "to t walk", p_value, verdict, ratio_gaussian AS "to Gaussian walk", direction_words AS direction, bars_since AS "bars behind"
FROM tidewatch.forecast_standing WHERE symbol = \${symbol:sqlstring} ORDER BY horizon`),
    }))
    .withPanel(table({
      title: 'Moves beyond the 99 % band', description: 'The newest 50 of all symbols. One forecast in a hundred is expected here; severity says how far out the move was.',
      unit: PLAIN, width: 12, empty: 'No move beyond its band', query: rows(`
SELECT at, symbol, horizon, direction, severity, close, actual_close, low99, high99 FROM tidewatch.move_alerts ORDER BY at DESC LIMIT 50`),
    }))
    .withPanel(table({
      title: 'Silent symbols', description: 'Symbols without a bar in a span in which they usually bring several. Look at the producer; a halted symbol is silent too.',
      unit: PLAIN, width: 12, empty: 'No symbol is silent', query: rows('SELECT symbol, silent_since, usual_bars, weeks, severity FROM tidewatch.stale_symbols ORDER BY severity DESC, symbol'),
    }))
    .withPanel(table({
      title: 'All symbols', description: 'How the forecasts of each symbol and horizon stand; "bars behind" says how many bars came since that was worked out. Coverage beyond its tolerance first, then the lowest.',
      unit: PLAIN, width: 24, empty: 'Nothing worked out yet', query: rows(`
SELECT symbol, horizon, forecasts, achieved90, coverage_words AS coverage, ratio_student_t AS "to t walk", verdict, direction_words AS direction, bars_since AS "bars behind"
FROM tidewatch.forecast_standing ORDER BY coverage_off DESC, achieved90, symbol, horizon LIMIT 500`),
    }, { achieved90: SHARE }))
    .build();
