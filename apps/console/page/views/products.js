/** All products, up to the 500 the API gives at once, with a filter; under them the calendar of known events. Asked for anew when the live part changed, at most every five seconds. */
import { h, show } from '../lib/dom.js';
import { ask } from '../lib/live.js';
import { plural } from '../lib/format.js';
import { calendarCard } from './calendar-card.js';
import { productTable, withGrid } from './product-table.js';

const LIMIT = 500;
const REST_MS = 5_000;

export function productsView(main) {
  const field = h('input', { type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter products by name', autocomplete: 'off', spellcheck: 'false' });
  const table = productTable({ wide: true });
  const box = h('div', { class: 'card table-card', hidden: true }, table.element);
  const note = h('p', { class: 'muted', role: 'status' }, 'Reading …');
  const calendar = calendarCard();
  main.replaceChildren(h('div', { class: 'title-row' }, h('h1', {}, 'Products'), field), note, box, calendar.element);
  let rows = [];
  let asked = 0;
  let stopped = false;

  function draw() {
    const wanted = field.value.trim().toLowerCase();
    const found = wanted === '' ? rows : rows.filter((row) => `${row.product_name}\n${row.product_id}`.toLowerCase().includes(wanted));
    box.hidden = found.length === 0;
    if (!box.hidden) table.update(found);
    show(note, [rows.length, found.length], () => (rows.length === 0 ? 'No product has had a review yet.' : `${plural(found.length, 'product')}${rows.length >= LIMIT ? `, the first ${LIMIT}: those with a surge, then by share` : ''}`));
  }
  async function read() {
    asked = Date.now();
    try {
      rows = withGrid((await ask(`api/products?limit=${LIMIT}`)).rows);
      if (!stopped) draw();
    } catch (error) {
      if (!stopped && rows.length === 0) show(note, error.message, (text) => text);
    }
  }
  field.addEventListener('input', draw);
  void read();
  void calendar.read();
  return {
    title: 'Products',
    update: (part) => part === 'products' && Date.now() - asked > REST_MS && read(),
    leave: () => { stopped = true; },
  };
}
