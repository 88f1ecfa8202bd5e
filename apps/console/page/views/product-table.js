/** Products as dense rows: name, seven days as a sparkline, negatives, share. Rows keep their element, so a filter keeps focus. */
import { gridEnd, sparkline } from '../charts/spark.js';
import { h, keyed, show } from '../lib/dom.js';
import { at, count, foreign, percent, visible } from '../lib/format.js';
import { productLink } from './surge-card.js';

/** wide: with reviews in all and the newest review. */
export function productTable({ wide }) {
  const body = h('tbody');
  const columns = [['Product', ''], ['Seven days', ''], ['Negative', 'n'], ['Share', 'n'], ...(wide ? [['Reviews in all', 'n extra'], ['Newest review', 'extra']] : [])];
  const element = h('table', { class: `products ${wide ? 'wide' : ''}` }, h('thead', {}, h('tr', {}, columns.map(([label, kind]) => h('th', { scope: 'col', class: kind }, label)))), body);
  return {
    element,
    /** Rows as withGrid() gives them. */
    update(rows) {
      keyed(body, rows, (row) => row.product_id, () => rowOf(wide));
    },
  };
}

function rowOf(wide) {
  const element = h('tr');
  return {
    element,
    update(row) {
      element.classList.toggle('alarmed', row.open_surge_id !== null);
      show(element, [row.product_name, row.open_surge_id === null, row.sparkline, row.until, row.negatives_7d, row.reviews_7d, wide && [row.reviews, row.last_review_at]], () => [
        h('th', { scope: 'row' }, h('div', { class: 'cell' }, h('a', { href: productLink(row.product_id), title: visible(row.product_name) }, foreign(row.product_name)), row.open_surge_id === null ? null : wide ? h('span', { class: 'chip small opened' }, 'Surge') : h('span', { class: 'alarm-dot', title: 'A surge is open' }, h('span', { class: 'quiet' }, 'surge open')))),
        h('td', {}, sparkline(row.sparkline, row.until, 'Seven days')),
        h('td', { class: 'n', title: `${count(row.negatives_7d)} negative of ${count(row.reviews_7d)} reviews in seven days` }, count(row.negatives_7d), h('span', { class: 'of' }, ` / ${count(row.reviews_7d)}`)),
        h('td', { class: 'n strong' }, percent(row.share_7d)),
        wide ? [h('td', { class: 'n extra' }, count(row.reviews)), h('td', { class: 'extra' }, at(row.last_review_at))] : null,
      ]);
    },
  };
}

/** Rows with the common end of the sparkline grid, so that the columns of all line up. */
export function withGrid(rows) {
  const until = gridEnd(Math.max(...rows.map((row) => Date.parse(row.last_review_at))));
  return rows.map((row) => ({ ...row, until }));
}
