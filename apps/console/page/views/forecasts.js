/** All symbols: the fan from the newest bar, what the bands have really covered, and skill against a random walk, in words. */
import { fanChart } from '../charts/fan.js';
import { h, keyed, scrolling, show, unkeyed } from '../lib/dom.js';
import { at, count, foreign, percent, plural, price } from '../lib/format.js';
import { known } from '../lib/store.js';
import { bandWords, skillWords, verdict } from './verdict.js';

export const symbolLink = (symbol) => `#/forecasts/${encodeURIComponent(symbol)}`;

/** Cards at first, and more of them at each press: each has a chart. */
const SHOWN = 48;

export function forecastsView(main) {
  const field = h('input', { type: 'search', placeholder: 'Filter by symbol', 'aria-label': 'Filter forecasts by symbol', autocomplete: 'off', spellcheck: 'false', on: { input: update } });
  const note = h('div');
  const grid = h('div', { class: 'fans' });
  const more = h('button', { type: 'button', class: 'more', hidden: true, on: { click: () => { shown += SHOWN; update(); } } }, 'More symbols');
  let shown = SHOWN;
  main.replaceChildren(h('div', { class: 'title-row' }, h('h1', {}, 'Forecasts'), field), h('p', { class: 'muted lead' }, 'Bands for the coming bars: the inner one 50 %, the outer one 90 %, dashed the median. Below, how often what came lay in them, and the skill against a random walk, over the newest settled forecasts (500 at most), as of seconds or minutes ago.'), note, grid, more);
  function update() {
    const rows = known.forecasts;
    const wanted = field.value.trim().toLowerCase();
    const found = (rows ?? []).filter(({ symbol }) => symbol.toLowerCase().includes(wanted)).sort((a, b) => isOff(b) - isOff(a));
    field.hidden = (rows ?? []).length === 0;
    more.hidden = found.length <= shown;
    const off = found.filter(isOff).length;
    show(note, [rows === null, rows?.length, found.length, off], () => {
      if (rows === null) return h('p', { class: 'card empty loading' }, 'Reading the database …');
      if (rows.length === 0) return h('div', { class: 'card empty' }, h('h3', {}, 'No forecast has been settled yet'), h('p', {}, 'A symbol shows here as soon as the first of its forecasts can be held against what came. To send quotes: ', h('code', {}, 'npm run tidewatch -- feed quotes FILE'), '.'));
      if (found.length === 0) return h('p', { class: 'muted', role: 'status' }, 'No symbol is named like that.');
      return h('p', { class: 'muted', role: 'status' }, `${plural(found.length, 'symbol')}${off === 0 ? '' : `: first the ${count(off)} with bands that are too narrow or too wide`}`);
    });
    keyed(grid, found.slice(0, shown), (row) => row.symbol, forecastCard);
  }
  update();
  return { title: 'Forecasts', update: (parts) => parts.has('forecasts') && update(), leave: () => unkeyed(grid) };
}

const isOff = ({ coverage }) => Number(coverage.some((row) => ['narrow', 'wide'].includes(bandWords(row).kind)));

function forecastCard() {
  const head = h('header', {});
  const plot = h('div', { class: 'plot fan-plot', role: 'img' });
  const words = h('p', { class: 'why' });
  const table = h('div', {});
  const element = h('article', { class: 'card fan' }, head, plot, words, table);
  const chart = fanChart(plot);
  return {
    element,
    remove: chart.remove,
    update(row) {
      show(head, [row.symbol, row.at, row.close, row.recent[0]?.close], () => headOf(row));
      show(words, row.coverage, verdict);
      show(table, row.coverage, coverageTable);
      plot.setAttribute('aria-label', `${row.symbol}: ${row.fan.map((step) => `in ${step.horizon} bars between ${price(step.q05)} and ${price(step.q95)} with 90 %`).join('; ')}`);
      // the element must be in the page for its width to be known
      requestAnimationFrame(() => element.isConnected && chart.draw(row));
    },
  };
}

function headOf({ symbol, at: time, close, recent }) {
  const first = recent[0]?.close;
  const change = first > 0 ? close / first - 1 : null;
  return [
    h('h2', {}, h('a', { href: symbolLink(symbol) }, foreign(symbol))),
    h('span', { class: 'close' }, h('b', {}, price(close)), change === null ? null : h('span', { class: 'muted' }, `${change >= 0 ? '+' : '−'}${percent(Math.abs(change), 2)} in ${count(recent.length - 1)} bars`)),
    h('span', { class: 'since' }, at(time)),
  ];
}

export function coverageTable(coverage) {
  if (coverage.length === 0) return null;
  return h('div', scrolling('Coverage by horizon'), h('table', { class: 'plain coverage' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Ahead'), h('th', { scope: 'col', class: 'n' }, '90 % band'), h('th', { scope: 'col', class: 'n', title: '1 - CRPS / CRPS of the random walk with Student-t errors, and whether a test tells them apart' }, 'Skill'))),
    h('tbody', {}, coverage.map((row) => {
      const [band, skill] = [bandWords(row), skillWords(row)];
      return h('tr', {}, h('th', { scope: 'row', class: 'ahead' }, `+${row.horizon}`, h('span', {}, `${count(row.forecasts)} settled`)),
        h('td', { class: `n band ${band.kind}` }, h('b', {}, percent(row.coverage90, 1)), h('span', {}, band.text)),
        h('td', { class: `n skill ${skill.kind}` }, skill.text));
    }))));
}
