/** Overview: is anything wrong now? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, leadingToProduct } from './shared/frame.js';
import { number, series, table } from './shared/panels.js';
import { overTime, rows } from './shared/query.js';
import { asText } from './shared/text.js';
import { coverage90, noneIsGood, oneIsBad, severity, stall } from './shared/thresholds.js';
import { COUNT, PLAIN, SECONDS, SHARE } from './shared/units.js';
import { NOTHING_COMMITTED_FOR } from './shared/queries.js';

export const overview = (): Dashboard =>
  frame({ name: 'overview', title: 'Overview', question: 'Is anything wrong now?', from: 'now-24h' })
    .withPanel(number({
      title: 'Open surges', description: 'Products whose negative reviews are above what their history lets expect, now. The table below names them.',
      unit: COUNT, width: 4, empty: '0', query: rows('SELECT count(*) AS "open surges" FROM tidewatch.surges WHERE closed_at IS NULL'),
    }, noneIsGood))
    .withPanel(number({
      title: 'Worst severity', description: 'Highest severity, 1 to 10, among the open surges; 0 when none is open.',
      unit: PLAIN, width: 4, empty: '0', query: rows('SELECT coalesce(max(severity), 0) AS severity FROM tidewatch.surges WHERE closed_at IS NULL'),
    }, severity))
    .withPanel(number({
      title: 'Silent feeds', description: 'Streams from which nothing has come for longer than DEAD_FEED_SECONDS. A dead feed is not the same as no negative reviews.',
      unit: COUNT, width: 4, empty: '0', query: rows('SELECT count(*) AS "silent feeds" FROM tidewatch.feed_silence WHERE flagged_at IS NOT NULL'),
    }, oneIsBad))
    .withPanel(number({
      title: 'Stalled for', description: 'Longest time since a commit among the partitions in which messages wait; 0 when none waits. See the Pipeline dashboard when it grows.',
      unit: SECONDS, width: 4, empty: '0', query: rows(NOTHING_COMMITTED_FOR),
    }, stall))
    .withPanel(number({
      title: 'Dead letters', description: 'Messages that could not be taken, noted in the time range and not tried again since.',
      unit: COUNT, width: 4, empty: '0', query: rows('SELECT count(*) AS "dead letters" FROM tidewatch.dead_letters WHERE $__timeFilter(noted_at) AND replayed_at IS NULL'),
    }, noneIsGood))
    .withPanel(number({
      title: 'Lowest 90 % coverage', description: 'Share of actual returns inside the 90 % band, of the symbol and horizon where it is lowest, over its newest 500 settled forecasts; only where at least 100 are settled.',
      unit: SHARE, width: 4, empty: 'too few settled', query: rows('SELECT min(achieved90) AS coverage FROM tidewatch.forecast_standing WHERE forecasts >= 100'),
    }, coverage90))
    .withPanel(leadingToProduct(table({
      title: 'Open surges, worst first', description: 'Negatives since the estimated start of the change, expected and observed. Empty when no surge is open, which is the good case.',
      unit: PLAIN, width: 24, empty: 'No surge is open', query: rows(`
SELECT ${asText('coalesce(product_name, product_id)')} AS product, product_id, status, severity, started_at, opened_at, expected, observed, share_before, share_now
FROM tidewatch.surges WHERE closed_at IS NULL ORDER BY severity DESC, opened_at LIMIT 50`),
    }, { share_before: SHARE, share_now: SHARE, expected: COUNT, observed: COUNT })))
    .withPanel(series({
      title: 'Reviews and negatives', description: 'Reviews by the time they were written, and those of them with a probability of 50 % or more to be negative, their stars counted in. All products.',
      unit: COUNT, width: 12, empty: 'No review was written in this time', query: overTime(`
SELECT $__timeGroupAlias(reviewed_at, $__interval), count(*) AS reviews, count(*) FILTER (WHERE p_negative_with_stars >= 0.5) AS negatives
FROM tidewatch.reviews_scored WHERE $__timeFilter(reviewed_at) GROUP BY 1 ORDER BY 1`),
    }))
    .withPanel(series({
      title: 'Share of negatives', description: 'Negatives among the reviews, against what the state of each product expected before it read them.',
      unit: SHARE, width: 12, empty: 'No review was written in this time', query: overTime(`
SELECT $__timeGroupAlias(reviewed_at, $__interval), avg(p_negative) AS observed, avg(expected_negative) AS expected
FROM tidewatch.reviews_scored WHERE $__timeFilter(reviewed_at) GROUP BY 1 ORDER BY 1`),
    }).min(0).max(1))
    .withPanel(leadingToProduct(table({
      title: 'Products by share of negatives', description: 'Reviews written in the time range; only products with at least 10 of them.',
      unit: PLAIN, width: 24, empty: 'No product has 10 reviews in this time', query: rows(`
SELECT ${asText('coalesce(max(product_name), product_id)')} AS product, product_id, count(*) FILTER (WHERE p_negative_with_stars >= 0.5)::float8 / count(*) AS share,
  count(*) FILTER (WHERE p_negative_with_stars >= 0.5) AS negatives, count(*) AS reviews, max(reviewed_at) AS newest
FROM tidewatch.reviews_scored WHERE $__timeFilter(reviewed_at) GROUP BY product_id HAVING count(*) >= 10 ORDER BY 3 DESC, 5 DESC, product_id LIMIT 20`),
    }, { share: SHARE })))
    .build();
