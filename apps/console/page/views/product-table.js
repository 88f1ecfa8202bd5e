/** Products as dense rows: name, seven days as a sparkline, negatives of the last day, share. Rows keep their element, so a filter keeps focus. */
import { gridEnd, sparkline } from '../charts/spark.js';
import { h, keyed, show } from '../lib/dom.js';
import { amount, at, count, foreign, percent, visible } from '../lib/format.js';
import { productLink } from './surge-card.js';

/** Chance alone takes a steady product beyond it on one day in thirty. */
const RISEN = 2;

/** wide: with negatives of seven days, reviews in all and the newest review. */
export function productTable({ wide }) {
  const body = h('tbody');
  const columns = [['Product', ''], ['Seven days', ''], ['Last day', 'n'], ['Share', 'n'], ...(wide ? [['Negative', 'n extra'], ['Reviews in all', 'n extra'], ['Newest review', 'extra']] : [])];
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
      show(element, [row.product_name, row.open_surge_id === null, row.sparkline, row.until, row.negatives_7d, row.reviews_7d, row.negatives_1d, row.rise, wide && [row.reviews, row.last_review_at]], () => [
        h('th', { scope: 'row' }, h('div', { class: 'cell' }, h('a', { href: productLink(row.product_id), title: visible(row.product_name) }, foreign(row.product_name)), row.open_surge_id === null ? null : wide ? h('span', { class: 'chip small opened' }, 'Surge') : h('span', { class: 'alarm-dot', title: 'A surge is open' }, h('span', { class: 'quiet' }, 'surge open')))),
        h('td', {}, sparkline(row.sparkline, row.until, 'Seven days')),
        lastDay(row),
        h('td', { class: 'n strong', title: sevenDays(row) }, percent(row.share_7d)),
        wide ? [h('td', { class: 'n extra', title: sevenDays(row) }, count(row.negatives_7d), h('span', { class: 'of' }, ` / ${count(row.reviews_7d)}`)), h('td', { class: 'n extra' }, count(row.reviews)), h('td', { class: 'extra' }, at(row.last_review_at))] : null,
      ]);
    },
  };
}

const sevenDays = (row) => `${count(row.negatives_7d)} negative of ${count(row.reviews_7d)} reviews in seven days`;

function lastDay({ negatives_1d: negatives, negatives_7d: week, rise }) {
  if (negatives === null) return h('td', { class: 'n' }, '–');
  const usual = amount((week - negatives) / 6);
  return h('td', { class: `n ${rise > RISEN ? 'strong' : ''}`, title: `${count(negatives)} negative in the day up to its newest review, ${usual} a day in the six days before` }, count(negatives), h('span', { class: 'of' }, `, was ${usual}`));
}

/** Rows with the common end of the sparkline grid, so that the columns of all line up. */
export function withGrid(rows) {
  const until = gridEnd(Math.max(...rows.map((row) => Date.parse(row.last_review_at))));
  return rows.map((row) => ({ ...row, until }));
}
