/** One surge by its id: where the links of notices and of Grafana's marks lead. */
import { h, keyed, show, unkeyed } from '../lib/dom.js';
import { foreign } from '../lib/format.js';
import { ask } from '../lib/live.js';
import { known } from '../lib/store.js';
import { productLink, surgeCard } from './surge-card.js';

const REST_MS = 4_000;

export function surgeView(main, id) {
  const crumbs = h('p', { class: 'crumbs' }, h('a', { href: '#/' }, 'Now'));
  const facts = h('p', { class: 'muted facts' }, 'Reading …');
  const box = h('div', { class: 'cards' });
  main.replaceChildren(crumbs, h('h1', {}, 'Surge'), facts, box);
  let surge = null;
  let asked = 0;
  let stopped = false;

  function draw() {
    facts.hidden = true;
    show(crumbs, [surge.product_id, surge.product_name], () => [h('a', { href: '#/' }, 'Now'), ' / ', h('a', { href: productLink(surge.product_id) }, foreign(surge.product_name))]);
    keyed(box, [surge], (row) => row.surge_id, (row) => surgeCard(row, { open: true }));
  }
  async function read() {
    asked = Date.now();
    try {
      surge = await ask(`api/surges/${encodeURIComponent(id)}`);
      if (!stopped) draw();
    } catch (error) {
      if (!stopped && surge === null) show(facts, error.message, (text) => text);
    }
  }
  void read();
  return {
    title: 'Surge',
    again: () => void read(),
    update(parts) {
      const live = known.surges?.find((row) => row.surge_id === id);
      if (live !== undefined) surge = live;
      else if (parts.has('surges') && Date.now() - asked > REST_MS) void read();
      if (surge !== null) draw();
    },
    leave() {
      stopped = true;
      unkeyed(box);
    },
  };
}
