/** Surges: which, and how good are the alarms? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, leadingToProduct } from './shared/frame.js';
import { number, series, table } from './shared/panels.js';
import { overTime, rows } from './shared/query.js';
import { asText } from './shared/text.js';
import { noneIsGood } from './shared/thresholds.js';
import { COUNT, PLAIN, SECONDS, SHARE } from './shared/units.js';

const PER_PRODUCT_AND_QUARTER = '91.3125';

/** Surges opened in the time range, per product that is known and quarter. */
const perProductAndQuarter = (name: string, condition: string): string => `
SELECT ((SELECT count(*) FROM tidewatch.surges WHERE $__timeFilter(opened_at)${condition}) * ${PER_PRODUCT_AND_QUARTER}
  / nullif((SELECT count(*) FROM tidewatch.surge_alerts) * extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 86400, 0))::float8 AS ${name}`;

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
      unit: PLAIN, width: 6, empty: 'No product yet', query: rows(perProductAndQuarter('alarms', '')),
    }).decimals(2))
    .withPanel(number({
      title: 'Budget per product and quarter', description: 'False alarms per product and quarter that the threshold of the newest surge was set for (SURGE_ALARM_BUDGET).',
      unit: PLAIN, width: 6, empty: 'No surge yet', query: rows(`SELECT budget_per_day * ${PER_PRODUCT_AND_QUARTER} AS budget FROM tidewatch.surges ORDER BY last_change_at DESC LIMIT 1`),
    }).decimals(2))
    .withPanel(number({
      title: 'False alarms per product and quarter', description: 'Of the surges opened in the time range, those that were judged false, per product and quarter: what the budget allows for. It is true as far as surges are judged.',
      unit: PLAIN, width: 6, empty: 'No product yet', query: rows(perProductAndQuarter('"false alarms"', " AND feedback = 'false'")),
    }).decimals(2))
    .withPanel(number({
      title: 'Judged', description: 'Share of the surges opened in the time range about which somebody has said what they were.',
      unit: SHARE, width: 6, empty: 'No surge in this time', query: rows('SELECT count(feedback)::float8 / nullif(count(*), 0) AS judged FROM tidewatch.surges WHERE $__timeFilter(opened_at)'),
    }))
    .withPanel(number({
      title: 'Time to acknowledge', description: 'Median time from the alarm, as it was recorded, to the first acknowledgement, of the surges acknowledged in the time range.',
      unit: SECONDS, width: 6, empty: 'None acknowledged', query: rows(`
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM acted_at - recorded_at)::float8) AS waited
FROM tidewatch.surge_actions a JOIN tidewatch.surge_transitions t ON t.surge_id = a.surge_id AND t.seq = 1 WHERE a.action = 'acknowledge' AND $__timeFilter(a.acted_at)`),
    }))
    .withPanel(number({
      title: 'Waiting for somebody', description: 'Surges that are open and that nobody has acknowledged.', unit: COUNT, width: 6, empty: '0',
      query: rows('SELECT count(*) AS waiting FROM tidewatch.surges WHERE closed_at IS NULL AND acknowledged_at IS NULL'),
    }, noneIsGood))
    .withPanel(leadingToProduct(table({
      title: 'Surges', description: 'Surges that were open at some time of the range, newest first; delay is from the estimated start of the change to the alarm.',
      unit: PLAIN, width: 24, empty: 'No surge in this time', query: rows(`
SELECT ${asText('coalesce(product_name, product_id)')} AS product, product_id, status, channel, severity, opened_at, closed_at, extract(epoch FROM opened_at - started_at)::float8 AS delay,
  expected, observed, share_before, share_now, ${asText('owner')} AS owner, feedback
FROM tidewatch.surges WHERE opened_at <= $__timeTo() AND coalesce(closed_at, now()) >= $__timeFrom() ORDER BY opened_at DESC LIMIT 200`),
    }, { share_before: SHARE, share_now: SHARE, delay: SECONDS, expected: COUNT, observed: COUNT })))
    .withPanel(leadingToProduct(table({
      title: 'Budget against what came of it', description: 'Products with surges opened in the time range: all alarms, those judged false, and the false alarms that the budget allows in that time.',
      unit: PLAIN, width: 12, empty: 'No surge opened in this time', query: rows(`
SELECT ${asText('product')} AS product, product_id, alarms, "judged false", allowed FROM (
  SELECT coalesce(max(product_name), product_id) AS product, product_id, count(*) AS alarms, count(*) FILTER (WHERE feedback = 'false') AS "judged false",
    max(budget_per_day) * extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()::timestamptz)::float8 / 86400 AS allowed
  FROM tidewatch.surges WHERE $__timeFilter(opened_at) GROUP BY product_id ORDER BY 3 DESC, 4 DESC, product_id LIMIT 50
) most ORDER BY alarms DESC, "judged false" DESC, product_id`),
    })))
    .withPanel(table({
      title: 'Feedback', description: 'What the surges opened in the time range were, as far as somebody said. False and expected ones become part of the product’s normal.',
      unit: PLAIN, width: 12, empty: 'No surge opened in this time', query: rows(`
SELECT coalesce(feedback, 'not judged') AS verdict, count(*) AS surges, avg(severity)::float8 AS "mean severity", avg(extract(epoch FROM coalesce(closed_at, now()) - opened_at))::float8 AS "mean duration"
FROM tidewatch.surges WHERE $__timeFilter(opened_at) GROUP BY 1 ORDER BY 2 DESC, 1`),
    }, { surges: COUNT, 'mean duration': SECONDS }))
    .withPanel(series({
      title: 'Transitions', description: 'How surges moved: opened, worsening, easing, closed.', unit: COUNT, width: 12, empty: 'No surge changed in this time', query: overTime(`
SELECT $__timeGroupAlias(at, $__interval), status AS metric, count(*) AS transitions
FROM tidewatch.surge_transitions WHERE $__timeFilter(at) GROUP BY 1, 2 ORDER BY 1, 2`),
    }))
    .withPanel(table({
      title: 'Evidence', description: 'The reviews that speak most for the surges opened in this time.', unit: PLAIN, width: 12, empty: 'No surge opened in this time', query: rows(`
SELECT ${asText('e.product_id')} AS product, e.rank, e.reviewed_at, e.p_negative, ${asText('e.excerpt')} AS excerpt
FROM tidewatch.surge_evidence e JOIN tidewatch.surges s USING (surge_id) WHERE $__timeFilter(s.opened_at) ORDER BY s.opened_at DESC, e.rank LIMIT 100`),
    }, { p_negative: SHARE }))
    .build();
