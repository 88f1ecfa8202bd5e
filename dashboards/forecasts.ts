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
    .withVariable(choice('symbol', 'Symbol', 'SELECT DISTINCT symbol FROM tidewatch.forecast_coverage ORDER BY 1', { many: false }))
    .withVariable(choice('horizon', 'Bars ahead', 'SELECT horizon::text FROM tidewatch.forecast_coverage WHERE symbol = ${symbol:sqlstring} ORDER BY horizon', { many: false }))
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
      title: 'All symbols', description: 'Coverage achieved beside coverage stated, and skill, over the newest 500 settled forecasts of each symbol and horizon. The lowest 90 % coverage first.',
      unit: PLAIN, width: 24, empty: 'Nothing settled yet', query: rows(`
SELECT symbol, horizon, forecasts, coverage50, coverage80, coverage90, coverage95, coverage99, raw_coverage90, skill
FROM tidewatch.forecast_coverage ORDER BY coverage90, symbol, horizon LIMIT 500`),
    }, Object.fromEntries(['coverage50', 'coverage80', 'coverage90', 'coverage95', 'coverage99', 'raw_coverage90', 'skill'].map((column) => [column, SHARE]))))
    .build();
