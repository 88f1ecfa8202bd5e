/** One product: two weeks of reviews with its surges, and its newest reviews with what the history did to the score. */
import { productChart } from '../charts/timeline.js';
import { h, keyed, keyEntries, show, unkeyed } from '../lib/dom.js';
import { at, count, foreign, percent, plural } from '../lib/format.js';
import { ask } from '../lib/live.js';
import { productEvents } from './known-events.js';
import { productState } from './product-state.js';
import { reviewList } from './review-list.js';
import { surgeCard } from './surge-card.js';

const REST_MS = 4_000;

export function productView(main, id) {
  const title = h('h1', {}, 'Product');
  const facts = h('p', { class: 'muted facts' }, 'Reading …');
  const plot = h('div', { class: 'plot product-plot', role: 'img', 'aria-label': 'Reviews and negative reviews over two weeks' });
  const key = h('p', { class: 'key' });
  const known = h('ul', { class: 'known-events', 'aria-label': 'Known events' });
  const chartBox = h('section', { class: 'card pad', hidden: true }, h('h2', {}, 'Two weeks'), plot, key, known);
  const surgesBox = h('div', { class: 'cards' });
  const surgesTitle = h('h2', { hidden: true }, 'Surges');
  const state = h('dl', { class: 'curious' });
  const curious = h('details', { class: 'card pad', hidden: true }, h('summary', {}, 'Model and history'), state);
  const reviews = reviewList(id);
  main.replaceChildren(h('p', { class: 'crumbs' }, h('a', { href: '#/products' }, 'Products')), title, facts, chartBox, surgesTitle, surgesBox, curious, reviews.element);
  const chart = productChart(plot);
  let product = null;
  let asked = 0;
  let stopped = false;

  function draw() {
    const { product_name: name, hours, surges, events, last_review_at: newest } = product;
    show(title, name, (text) => foreign(text));
    const total = product.reviews;
    show(facts, [total, product.negatives_7d, product.reviews_7d, newest], () => [`${plural(total, 'review')} in all, `, `${count(product.negatives_7d)} of ${count(product.reviews_7d)} negative in the last seven days (${percent(product.share_7d, 1)}), newest `, at(newest)]);
    chartBox.hidden = false;
    const width = chart.draw(hours, surges, Date.parse(newest) / 1000, events);
    known.hidden = events.length === 0;
    show(known, events, () => productEvents(events));
    show(key, [width, events.length > 0], () => keyEntries(['bar-before', `reviews per ${width === 1 ? 'hour' : `${width} hours`}`], ['bar-since', 'negative'], ['area-surge', 'surge'], ...(events.length > 0 ? [['area-event', 'known event']] : [])));
    surgesTitle.hidden = surges.length === 0;
    keyed(surgesBox, surges, (row) => row.surge_id, (row) => surgeCard(row, { titled: 'time' }));
    curious.hidden = false;
    show(state, [product.newest.map(({ review_id: review, revision }) => [review, revision]), product.summary, total], () => productState(product));
    reviews.update(product);
  }
  async function read() {
    asked = Date.now();
    try {
      product = await ask(`api/products/${encodeURIComponent(id)}`);
      if (!stopped) draw();
    } catch (error) {
      if (!stopped && product === null) show(facts, error.message, (text) => text);
    }
  }
  void read();
  return {
    title: 'Product',
    again: () => void read(),
    update(parts) {
      if (!parts.has('products')) return;
      if (Date.now() - asked > REST_MS) void read();
      else if (product !== null) draw();
    },
    leave() {
      stopped = true;
      reviews.leave();
      chart.remove();
      unkeyed(surgesBox);
    },
  };
}
