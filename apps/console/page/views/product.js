/** One product: two weeks of reviews with its surges, and its newest reviews with what the history did to the score. */
import { productChart } from '../charts/timeline.js';
import { h, keyed, keyEntries, show, unkeyed } from '../lib/dom.js';
import { amount, at, count, foreign, percent, plural } from '../lib/format.js';
import { highlighted } from '../lib/highlight.js';
import { ask } from '../lib/live.js';
import { productEvents } from './known-events.js';
import { surgeCard } from './surge-card.js';

const REST_MS = 4_000;
/** Less than this the history moved the score by too little to speak of. */
const MOVED = 0.05;

export function productView(main, id) {
  const title = h('h1', {}, 'Product');
  const facts = h('p', { class: 'muted facts' }, 'Reading …');
  const plot = h('div', { class: 'plot product-plot', role: 'img', 'aria-label': 'Reviews and negative reviews over two weeks' });
  const key = h('p', { class: 'key' });
  const known = h('ul', { class: 'known-events', 'aria-label': 'Known events' });
  const chartBox = h('section', { class: 'card pad', hidden: true }, h('h2', {}, 'Two weeks'), plot, key, known);
  const surgesBox = h('div', { class: 'cards' });
  const surgesTitle = h('h2', { hidden: true }, 'Surges');
  const only = h('input', { type: 'checkbox', id: 'only-negative' });
  const list = h('ul', { class: 'reviews' });
  const reviewsBox = h('section', { hidden: true }, h('div', { class: 'title-row' }, h('h2', {}, 'Newest reviews'), h('label', { class: 'check', for: 'only-negative' }, only, 'negative only')), list);
  main.replaceChildren(h('p', { class: 'crumbs' }, h('a', { href: '#/products' }, 'Products')), title, facts, chartBox, surgesTitle, surgesBox, reviewsBox);
  const chart = productChart(plot);
  let product = null;
  let asked = 0;
  let stopped = false;

  function draw() {
    const { product_name: name, hours, newest: reviews, surges, events, last_review_at: newest } = product;
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
    reviewsBox.hidden = false;
    keyed(list, reviews.filter((row) => !only.checked || row.p_negative >= 0.5), (row) => `${row.review_id} ${row.revision}`, reviewItem);
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
  only.addEventListener('change', () => product !== null && draw());
  void read();
  return {
    title: 'Product',
    update(part) {
      if (part !== 'products') return;
      if (Date.now() - asked > REST_MS) void read();
      else if (product !== null) draw();
    },
    leave() {
      stopped = true;
      chart.remove();
      unkeyed(surgesBox);
    },
  };
}

function reviewItem(row) {
  const negative = row.p_negative >= 0.5;
  const heading = row.title === null ? '' : `${row.title}\n`;
  const tags = [row.rating === null ? null : `${amount(row.rating).replace(/[.,]0$/, '')} of 5 stars`, row.app_version && `version ${row.app_version}`, row.region, row.lang].filter(Boolean);
  const element = h('li', { class: `review ${negative ? 'negative' : ''}` },
    h('div', { class: 'score', title: scoreTitle(row) }, h('b', {}, percent(row.p_negative)), h('span', {}, movedBy(row))),
    h('div', { class: 'said' },
      row.title === null ? null : h('h3', { dir: 'auto' }, highlighted(row.title, row.top_words)),
      h('p', { dir: 'auto' }, highlighted(row.text, row.top_words, heading.length)),
      h('p', { class: 'source' }, at(row.reviewed_at), tags.map((tag) => [' · ', foreign(tag)]), row.revision > 0 ? ` · revision ${row.revision}` : '')));
  return { element, update() {} };
}

const scoreTitle = (row) => `Probability of being negative: ${percent(row.p_negative, 1)} with the product's history, ${percent(row.p_negative_text, 1)} from the text alone${row.expected_negative === null ? '' : `, ${percent(row.expected_negative, 1)} expected before it was read`}. Model ${row.model_id}`;
function movedBy({ p_negative: now, p_negative_text: text }) {
  if (Math.abs(now - text) < MOVED) return 'negative';
  return `text alone ${percent(text)}`;
}
