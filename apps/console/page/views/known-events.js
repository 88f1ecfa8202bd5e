/** Known events in words, beside a surge and on a product. Their names are strangers' texts. */
import { h } from '../lib/dom.js';
import { at, amount, dateOnly, foreign } from '../lib/format.js';

const says = ({ factor, mute }) => [factor === null ? null : `${amount(factor)} times the usual volume expected`, mute ? 'nobody is told' : null].filter(Boolean).join(', ');

/** Of a surge: events with times in ms. */
export function surgeEvents({ events, muted }) {
  const rows = Array.isArray(events) ? events : [];
  if (rows.length === 0) return [];
  return [
    h('h4', {}, 'Known at the time'),
    h('ul', { class: 'known-events' }, rows.map((event) => h('li', {}, h('span', { class: 'kind' }, event.kind), ' ', foreign(event.name), h('span', { class: 'muted' }, ' ', at(event.from), ' to ', at(event.until), `, ${says(event)}`)))),
    muted ? h('p', { class: 'muted' }, 'Muted: it is recorded, and nobody was told of its newest step.') : null,
  ];
}

/** A row of the calendar. */
export const eventLine = (row) => [h('span', { class: 'kind' }, row.kind), ' ', foreign(row.name), h('span', { class: 'muted' }, ' ', at(row.from_at, dateOnly), ' to ', at(row.until_at, dateOnly), `, ${says(row)}`)];

/** Of a product. */
export function productEvents(rows) {
  return rows.map((row) => h('li', {}, eventLine(row)));
}
