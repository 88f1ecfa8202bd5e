/** What a surge's negatives have in common, whether few people stand behind them, and the reviews that show it best: of one product's surge, and of a group's. */
import { h } from '../lib/dom.js';
import { amount, at, count, foreign, percent } from '../lib/format.js';
import { highlighted } from '../lib/highlight.js';

export function contributorsOf(list) {
  const rows = Array.isArray(list) ? list : [];
  if (rows.length === 0) return [h('h4', {}, 'What they have in common'), h('p', { class: 'muted' }, 'Nothing stands out: no term, version, region or source is more common than usual.')];
  return [
    h('h4', {}, 'What they have in common'),
    h('table', { class: 'plain' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Of these negatives'), h('th', { scope: 'col', class: 'n' }, 'Now'), h('th', { scope: 'col', class: 'n' }, 'Before'))),
      h('tbody', {}, rows.slice(0, 6).map(({ kind, value, shareNow, shareBefore }) => h('tr', {},
        h('th', { scope: 'row' }, h('span', { class: 'kind' }, kind), ' ', foreign(value), meter(shareNow, shareBefore)),
        h('td', { class: 'n strong' }, percent(shareNow)), h('td', { class: 'n muted' }, percent(shareBefore)))))),
  ];
}

export function alikeOf(row) {
  if (row.brigading === null) return [];
  return [
    h('h4', {}, 'Possible brigading'),
    h('p', {}, foreign(row.brigading), '.'),
    h('p', { class: 'muted' }, `${count(row.look_alikes)} are counted apart: ${amount(row.observed)} negatives with them, ${amount(row.observed_without)} without, where ${amount(row.expected)} were expected.`),
  ];
}

function meter(now, before) {
  const bar = h('span', { class: 'meter', 'aria-hidden': 'true' }, h('i'), h('b'));
  bar.style.setProperty('--now', `${Math.min(100, now * 100)}%`);
  bar.style.setProperty('--before', `${Math.min(100, before * 100)}%`);
  return bar;
}

export function evidenceOf(list) {
  const rows = (Array.isArray(list) ? list : []).slice(0, 5);
  if (rows.length === 0) return [];
  return [
    h('h4', {}, 'In their words'),
    h('ul', { 'data-count': rows.length }, rows.map(({ excerpt, topWords, pNegative, reviewedAt, productId, productName }) => h('li', {},
      h('blockquote', { dir: 'auto' }, highlighted(excerpt, topWords)),
      h('p', { class: 'source' }, at(reviewedAt), ' · negative with ', percent(pNegative), productId === undefined ? '' : [' · ', foreign(productName ?? productId)])))),
  ];
}
