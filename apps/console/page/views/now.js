/** The first screen: what is wrong now, what was lately, and how every product does. Honest when nothing is there. */
import { h, keyed, show, unkeyed } from '../lib/dom.js';
import { amount, at, count, percent, plural } from '../lib/format.js';
import { isOpen, known, openSurges, streamTime } from '../lib/store.js';
import { productTable, withGrid } from './product-table.js';
import { groupCard, groupsOf } from './group-card.js';
import { surgeCard } from './surge-card.js';
import { messageRate, totalLag } from './rates.js';

/** Open surges that show all they have without being asked; the others are one key press away. */
const UNFOLDED = 2;

export function nowView(main) {
  const figures = h('dl', { class: 'figures' });
  const openList = h('div', { class: 'cards' });
  const groupList = h('div', { class: 'cards' });
  const openNote = h('div');
  const recentList = h('div', { class: 'cards' });
  const recentTitle = h('h2', { hidden: true }, 'Closed lately');
  const products = productTable({ wide: false });
  const productBox = h('div', { class: 'card table-card' }, products.element);
  const openTitle = h('h1', {}, 'Surges');
  const columns = h('div', { class: 'columns' },
    h('section', { class: 'main-column', 'aria-label': 'Surges' }, openTitle, openNote, groupList, openList, recentTitle, recentList),
    h('section', { class: 'side-column', 'aria-label': 'Products' }, h('h2', {}, 'Products'), productBox));
  main.replaceChildren(figures, columns);

  function update() {
    const surges = known.surges;
    const open = surges?.filter(isOpen) ?? [];
    const closed = surges?.filter((row) => !isOpen(row)) ?? [];
    const unfolded = new Set(open.slice(0, UNFOLDED).map((row) => row.surge_id));
    keyed(groupList, groupsOf(open), (row) => row.group_surge_id, groupCard);
    keyed(openList, open, (row) => row.surge_id, (row) => withOpen(surgeCard(row), unfolded));
    keyed(recentList, closed, (row) => row.surge_id, (row) => surgeCard(row));
    recentTitle.hidden = closed.length === 0;
    const total = surges === null ? null : openSurges();
    show(openTitle, [total, open.length], () => (total === null || total === 0 ? 'Surges' : `${plural(total, 'open surge')}${total > open.length ? `, the worst ${count(open.length)} shown` : ''}`));
    show(openNote, [surges === null, surges?.length, open.length, known.products === null, known.products?.length, known.totals?.products], () => noteOf(surges, open, known.products));
    productBox.hidden = known.products?.length === 0;
    productBox.parentElement.hidden = productBox.hidden;
    columns.classList.toggle('single', productBox.hidden);
    if (known.products !== null && !productBox.hidden) products.update(withGrid(known.products));
    drawFigures(figures, open);
  }
  update();
  return {
    title: 'Now',
    update,
    again: update,
    leave() {
      unkeyed(groupList);
      unkeyed(openList);
      unkeyed(recentList);
    },
  };
}

function withOpen(card, unfolded) {
  return { ...card, update: (row) => card.update(row, { open: unfolded.has(row.surge_id) }) };
}

function noteOf(surges, open, products) {
  if (open.length > 0) return [];
  if (surges === null || products === null) return h('p', { class: 'card empty loading' }, 'Reading the database …');
  if (products.length === 0 && surges.length === 0) {
    return h('div', { class: 'card empty' }, h('h3', {}, 'Nothing has been scored yet'),
      h('p', {}, 'The database is there and empty. As soon as the first review is committed it shows here; nothing needs to be reloaded.'),
      h('p', {}, 'To send some: ', h('code', {}, 'npm run tidewatch -- feed reviews FILE'), ', or ', h('code', {}, 'npm start'), ' with its simulated feed. Whether anything arrives stands under ', h('a', { href: '#/pipeline' }, 'Pipeline'), '.'));
  }
  const latest = surges[0];
  const watched = known.totals?.products ?? products.length;
  return h('div', { class: 'card empty calm' }, h('h3', {}, 'No surge is open'),
    h('p', {}, `${plural(watched, 'product')} ${watched === 1 ? 'is' : 'are'} watched. `,
      latest === undefined ? 'There has been no surge so far.' : ['The last one closed ', at(latest.closed_at), '.']));
}

function drawFigures(host, open) {
  const { products = 0, reviews_7d: reviews = 0, negatives_7d: negatives = 0 } = known.totals ?? {};
  const positions = known.pipeline?.positions ?? [];
  const rejected = positions.reduce((total, row) => total + row.rejected, 0);
  const worst = Math.max(...open.map((row) => row.severity), 0);
  const time = streamTime();
  const coverage = (known.forecasts ?? []).flatMap((row) => row.coverage ?? []);
  const settled = coverage.reduce((total, row) => total + row.forecasts, 0);
  const held = settled === 0 ? null : coverage.reduce((total, row) => total + row.coverage90 * row.forecasts, 0) / settled;
  const waiting = known.surges === null;
  const figures = [
    ['Open surges', waiting ? '–' : count(openSurges()), open.length === 0 ? 'none now' : `worst: severity ${count(worst)}`, open.length > 0 ? 'bad' : ''],
    ['Negative in seven days', reviews === 0 ? '–' : percent(negatives / reviews, 1), reviews === 0 ? 'no review yet' : `of ${plural(reviews, 'review')}, ${plural(products, 'product')}`, ''],
    ['90 % bands held', percent(held, 1), settled === 0 ? 'no forecast settled yet' : `of ${plural(settled, 'settled forecast')}`, ''],
    ['Messages', positions.length === 0 ? '–' : `${amount(messageRate())} /s`, positions.length === 0 ? 'nothing consumed yet' : `${count(totalLag())} waiting, ${count(rejected)} rejected`, ''],
  ];
  show(host, [figures, time === null], () => figures.map(([label, value, note, kind]) => h('div', { class: `figure ${kind}` }, h('dt', {}, label), h('dd', {}, h('b', {}, value), h('span', {}, note)))));
}
