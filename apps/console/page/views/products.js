/** All products, a page at a time, narrowed by name; under them the calendar of known events. While only the first page is shown it is kept up to date: who reads on is not disturbed. */
import { h, show } from '../lib/dom.js';
import { ask } from '../lib/live.js';
import { plural } from '../lib/format.js';
import { calendarCard } from './calendar-card.js';
import { productTable, withGrid } from './product-table.js';

const PAGE = 100;
const REST_MS = 5_000;
const TYPING_MS = 200;

export function productsView(main) {
  const field = h('input', { type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter products by name', autocomplete: 'off', spellcheck: 'false' });
  const table = productTable({ wide: true });
  const box = h('div', { class: 'card table-card', hidden: true }, table.element);
  const note = h('p', { class: 'muted', role: 'status' }, 'Reading …');
  const more = h('button', { type: 'button', class: 'more', hidden: true, on: { click: () => void read(next) } }, 'More products');
  const calendar = calendarCard();
  main.replaceChildren(h('div', { class: 'title-row' }, h('h1', {}, 'Products'), field), note, box, more, calendar.element);
  let rows = [];
  let next = null;
  let asked = 0;
  let reading = null;
  let typing;

  const wanted = () => field.value.trim();
  function draw() {
    box.hidden = rows.length === 0;
    more.hidden = next === null;
    if (!box.hidden) table.update(withGrid(rows));
    show(note, [rows.length, next === null, wanted()], ([shown, all, name]) => (shown === 0 ? (name === '' ? 'No product has had a review yet.' : 'No product is named like that.') : `${all ? '' : 'The first '}${plural(shown, 'product')}: those with a surge, then those whose negatives rose most within a day`));
  }
  async function read(cursor) {
    asked = Date.now();
    reading?.abort();
    reading = new AbortController();
    try {
      const page = await ask(`api/products?limit=${PAGE}${wanted() === '' ? '' : `&name=${encodeURIComponent(wanted())}`}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, reading.signal);
      // a product that fell back meanwhile comes again
      const before = cursor === null ? [] : rows;
      const known = new Set(before.map((row) => row.product_id));
      rows = [...before, ...page.rows.filter((row) => !known.has(row.product_id))];
      next = page.next;
      draw();
    } catch (error) {
      if (error.name !== 'AbortError' && rows.length === 0) show(note, error.message, (text) => text);
    }
  }
  field.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => void read(null), TYPING_MS);
  });
  void read(null);
  void calendar.read();
  return {
    title: 'Products',
    again() {
      if (rows.length <= PAGE) void read(null);
      void calendar.read();
    },
    update: (parts) => parts.has('products') && rows.length <= PAGE && Date.now() - asked > REST_MS && read(null),
    leave() {
      clearTimeout(typing);
      reading?.abort();
    },
  };
}
