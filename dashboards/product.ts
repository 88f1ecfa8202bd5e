/** Product: what happened to this product? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, frame } from './shared/frame.js';
import { number, series, states, table } from './shared/panels.js';
import { overTime, rows } from './shared/query.js';
import { asText } from './shared/text.js';
import { severity } from './shared/thresholds.js';
import { COUNT, PLAIN, SHARE } from './shared/units.js';

const CHOSEN = 'product_id = ${product:sqlstring}';
const IN_TIME = `${CHOSEN} AND $__timeFilter(reviewed_at)`;
/** Surges that were open at some time of the range. */
const SURGES = `FROM tidewatch.surges s WHERE s.${CHOSEN} AND s.opened_at <= $__timeTo() AND coalesce(s.closed_at, now()) >= $__timeFrom()`;

export const product = (): Dashboard =>
  frame({ name: 'product', title: 'Product', question: 'What happened to this product?', from: 'now-14d', surgesOf: CHOSEN })
    .withVariable(choice('product', 'Product', `
SELECT ${asText('name')} AS __text, product_id AS __value
FROM (SELECT coalesce(product_name, product_id) AS name, product_id, severity FROM tidewatch.surge_alerts ORDER BY severity DESC, 1, 2 LIMIT 2000) worst
ORDER BY severity DESC, name, product_id`, { many: false }))
    .withPanel(number({
      title: 'Severity now', description: 'Severity of its open surge, 1 to 10; 0 when none is open.',
      unit: PLAIN, width: 6, empty: '0', query: rows(`SELECT severity FROM tidewatch.surge_alerts WHERE ${CHOSEN}`),
    }, severity).decimals(1))
    .withPanel(number({
      title: 'Reviews', description: 'Reviews of the product that were written in the time range.',
      unit: COUNT, width: 6, empty: '0', query: rows(`SELECT count(*) AS reviews FROM tidewatch.reviews_scored WHERE ${IN_TIME}`),
    }))
    .withPanel(number({
      title: 'Negatives', description: 'Of them, those with a probability of 50 % or more to be negative, their stars counted in.',
      unit: COUNT, width: 6, empty: '0', query: rows(`SELECT count(*) AS negatives FROM tidewatch.reviews_scored WHERE ${IN_TIME} AND p_negative_with_stars >= 0.5`),
    }))
    .withPanel(number({
      title: 'Surges', description: 'Surges that were open at some time of the range; the annotations say when.',
      unit: COUNT, width: 6, empty: '0', query: rows(`SELECT count(*) AS surges ${SURGES}`),
    }))
    .withPanel(series({
      title: 'Negatives, expected and observed', description: 'Observed: reviews with a probability of 50 % or more, their stars counted in. Expected: the sum of what the product’s state expected of each review before it was read, with the band in which 95 % of such sums lie. A surge is judged by a stricter yardstick, which knows hours and swinging days.',
      unit: COUNT, width: 24, empty: 'No review was written in this time', query: overTime(`
SELECT time, observed, expected, greatest(expected - 1.96 * sqrt(spread), 0) AS low, expected + 1.96 * sqrt(spread) AS high
FROM (
  SELECT $__timeGroupAlias(reviewed_at, $__interval), count(*) FILTER (WHERE p_negative_with_stars >= 0.5)::float8 AS observed, coalesce(sum(expected_negative), 0) AS expected,
    coalesce(sum(expected_negative * (1 - expected_negative)), 0) AS spread
  FROM tidewatch.reviews_scored WHERE ${IN_TIME} GROUP BY 1
) counted ORDER BY 1`),
    }).interval('1h'))
    .withPanel(states({
      title: 'State', description: 'Calm, or the state of its surge: opened, worsening, easing.',
      unit: PLAIN, width: 24, empty: 'Calm', query: rows(`
SELECT $__timeFrom()::timestamptz AS time, coalesce((SELECT nullif(status, 'closed') FROM tidewatch.surge_transitions WHERE ${CHOSEN} AND at < $__timeFrom()::timestamptz ORDER BY at DESC LIMIT 1), 'calm') AS state
UNION ALL SELECT at, CASE status WHEN 'closed' THEN 'calm' ELSE status END FROM tidewatch.surge_transitions WHERE ${CHOSEN} AND $__timeFilter(at)
ORDER BY 1`),
    }))
    .withPanel(series({
      title: 'Share of negatives', description: 'Mean probability to be negative against what was expected.',
      unit: SHARE, width: 12, empty: 'No review was written in this time', query: overTime(`
SELECT $__timeGroupAlias(reviewed_at, $__interval), avg(p_negative) AS observed, avg(expected_negative) AS expected
FROM tidewatch.reviews_scored WHERE ${IN_TIME} GROUP BY 1 ORDER BY 1`),
    }).interval('1h').min(0).max(1))
    .withPanel(table({
      title: 'By version', description: 'The versions that were reviewed in the time range, with their share of negatives. One that stands out is where to look first.',
      unit: PLAIN, width: 12, empty: 'No review named a version', query: rows(`
SELECT ${asText('app_version')} AS version, count(*) AS reviews, count(*) FILTER (WHERE p_negative_with_stars >= 0.5)::float8 / count(*) AS negatives, avg(rating)::float8 AS stars
FROM tidewatch.reviews_scored WHERE ${IN_TIME} AND app_version IS NOT NULL GROUP BY app_version ORDER BY 2 DESC, app_version LIMIT 20`),
    }, { reviews: COUNT, negatives: SHARE }))
    .withPanel(table({
      title: 'Evidence', description: 'The reviews that speak most for the surges of this time, newest surge first.',
      unit: PLAIN, width: 12, empty: 'No surge in this time', query: rows(`
SELECT e.reviewed_at, e.p_negative, ${asText('e.excerpt')} AS excerpt FROM (SELECT s.surge_id, s.opened_at ${SURGES} ORDER BY s.opened_at DESC LIMIT 20) s
JOIN tidewatch.surge_evidence e USING (surge_id) ORDER BY s.opened_at DESC, e.rank LIMIT 50`),
    }, { p_negative: SHARE }))
    .withPanel(table({
      title: 'Contributors', description: 'What is over-represented among the negatives of the surges of this time against the product’s own before: words, phrases, aspects, versions, regions, sources, with both shares.',
      unit: PLAIN, width: 12, empty: 'Nothing stands out', query: rows(`
SELECT s.opened_at AS surge, c->>'kind' AS kind, ${asText("c->>'value'")} AS value, (c->>'shareNow')::float8 AS now, (c->>'shareBefore')::float8 AS before
FROM (SELECT s.opened_at, s.contributors ${SURGES} ORDER BY s.opened_at DESC LIMIT 20) s CROSS JOIN LATERAL jsonb_array_elements(s.contributors) c
ORDER BY 1 DESC, 4 DESC LIMIT 100`),
    }, { now: SHARE, before: SHARE }))
    .withPanel(table({
      title: 'Newest reviews', description: 'The newest 50 of the time range: probability to be negative from text and history, from the text alone, and what was expected.',
      unit: PLAIN, width: 24, empty: 'No review was written in this time', query: rows(`
SELECT reviewed_at, rating, p_negative, p_negative_text AS "by text alone", expected_negative AS expected, ${asText('app_version')} AS version, ${asText('region')} AS region, ${asText("coalesce(title || '. ', '') || text")} AS review
FROM tidewatch.reviews_scored WHERE ${IN_TIME} ORDER BY reviewed_at DESC LIMIT 50`),
    }, { p_negative: SHARE, 'by text alone': SHARE, expected: SHARE }))
    .build();
