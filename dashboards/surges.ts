/** Surges: which, and how good are the alarms? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './shared/frame.js';
import { number, series, table } from './shared/panels.js';
import { overTime, rows } from './shared/query.js';
import { noneIsGood } from './shared/thresholds.js';
import { COUNT, PLAIN, SECONDS, SHARE } from './shared/units.js';

const PER_PRODUCT_AND_QUARTER = '91.3125';

export const surges = (): Dashboard =>
  frame({ name: 'surges', title: 'Surges', question: 'Which surges, and how good are the alarms?', from: 'now-30d' })
    .withPanel(number({
      title: 'Open surges', description: 'Surges that are open now.', unit: COUNT, width: 6, empty: '0',
      query: rows('SELECT count(*) AS "open surges" FROM tidewatch.surges WHERE closed_at IS NULL'),
    }, noneIsGood))
    .withPanel(number({
      title: 'Opened in this time', description: 'Surges that opened in the time range.', unit: COUNT, width: 6, empty: '0',
      query: rows('SELECT count(*) AS opened FROM tidewatch.surges WHERE $__timeFilter(opened_at)'),
    }))
    .withPanel(number({
      title: 'Alarms per product and quarter', description: 'Surges opened in the time range, per product and quarter. The budget beside it counts false alarms only: this one counts all, so that true surges may lift it above the budget.',
      unit: PLAIN, width: 6, empty: 'No product yet', query: rows(`
SELECT ((SELECT count(*) FROM tidewatch.surges WHERE $__timeFilter(opened_at)) * ${PER_PRODUCT_AND_QUARTER}
  / nullif((SELECT count(DISTINCT product_id) FROM tidewatch.product_sentiment_hourly WHERE $__timeFilter(hour))
      * extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 86400, 0))::float8 AS alarms`),
    }).decimals(2))
    .withPanel(number({
      title: 'Budget per product and quarter', description: 'False alarms per product and quarter that the threshold of the newest surge was set for (SURGE_ALARM_BUDGET).',
      unit: PLAIN, width: 6, empty: 'No surge yet', query: rows(`SELECT budget_per_day * ${PER_PRODUCT_AND_QUARTER} AS budget FROM tidewatch.surges ORDER BY last_change_at DESC LIMIT 1`),
    }).decimals(2))
    .withPanel(table({
      title: 'Surges', description: 'Surges that were open at some time of the range, newest first; delay is from the estimated start of the change to the alarm.',
      unit: PLAIN, width: 24, empty: 'No surge in this time', query: rows(`
SELECT coalesce(product_name, product_id) AS product, status, channel, severity, opened_at, closed_at, extract(epoch FROM opened_at - started_at)::float8 AS delay,
  expected, observed, share_before, share_now
FROM tidewatch.surges WHERE opened_at <= $__timeTo() AND coalesce(closed_at, now()) >= $__timeFrom() ORDER BY opened_at DESC LIMIT 200`),
    }, { share_before: SHARE, share_now: SHARE, delay: SECONDS, expected: COUNT, observed: COUNT }))
    .withPanel(series({
      title: 'Transitions', description: 'How surges moved: opened, worsening, easing, closed.', unit: COUNT, width: 12, empty: 'No surge changed in this time', query: overTime(`
SELECT $__timeGroupAlias(at, $__interval), status AS metric, count(*) AS transitions
FROM tidewatch.surge_transitions WHERE $__timeFilter(at) GROUP BY 1, 2 ORDER BY 1, 2`),
    }))
    .withPanel(table({
      title: 'Evidence', description: 'The reviews that speak most for the surges opened in this time.', unit: PLAIN, width: 12, empty: 'No surge opened in this time', query: rows(`
SELECT e.product_id AS product, e.rank, e.reviewed_at, e.p_negative, e.excerpt
FROM tidewatch.surge_evidence e JOIN tidewatch.surges s USING (surge_id) WHERE $__timeFilter(s.opened_at) ORDER BY s.opened_at DESC, e.rank LIMIT 100`),
    }, { p_negative: SHARE }))
    .build();
