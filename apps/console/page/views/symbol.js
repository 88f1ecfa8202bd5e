/** One symbol: the fan, then each horizon's past bands beside what came, and the newest forecasts with how they were settled. */
import { fanChart, pastBandsChart } from '../charts/fan.js';
import { h, keyEntries, scrolling, show } from '../lib/dom.js';
import { at, foreign, percent, price } from '../lib/format.js';
import { ask } from '../lib/live.js';
import { known } from '../lib/store.js';
import { coverageTable } from './forecasts.js';
import { settlement, verdictOf } from './settlement.js';
import { directionWords, verdict } from './verdict.js';

const REST_MS = 4_000;
const ROWS = 300;
const LISTED = 20;

export function symbolView(main, symbol) {
  const facts = h('p', { class: 'muted facts' }, 'Reading …');
  const fan = h('div', { class: 'plot fan-plot', role: 'img', 'aria-label': 'Price and the bands for the coming bars' });
  const past = h('div', { class: 'plot past-plot', role: 'img', 'aria-label': 'Past bands and the price that came' });
  const words = h('p', { class: 'why' });
  const direction = h('p', { class: 'why' });
  const table = h('div');
  const choice = h('div', { class: 'choice', role: 'group', 'aria-label': 'Bars ahead' });
  const settled = h('div', scrolling('Newest forecasts'));
  const picked = h('div', { class: 'settlement', hidden: true, role: 'region', 'aria-live': 'polite', 'aria-label': 'How the chosen forecast was settled' });
  const boxes = h('div', { class: 'stack', hidden: true },
    h('section', { class: 'card pad' }, h('h2', {}, 'From the newest bar'), fan, words, direction, table),
    h('section', { class: 'card pad' }, h('div', { class: 'title-row' }, h('h2', {}, 'Bands as stated, and what came'), choice), past,
      h('p', { class: 'key' }, keyEntries(['area-fan', '50 % and 90 % band'], ['line', 'price that came'], ['point', 'outside the 90 % band'])), h('p', { class: 'muted' }, 'Click a bar, or a time in the table, to see how its forecast was settled.'), picked, settled));
  main.replaceChildren(h('p', { class: 'crumbs' }, h('a', { href: '#/forecasts' }, 'Forecasts')), h('h1', {}, foreign(symbol)), facts, boxes);
  const charts = { fan: fanChart(fan, 220), past: pastBandsChart(past, (f) => pick(f)) };
  let row = null;
  let horizon = null;
  /** Of the forecast that is looked at, until another horizon is chosen. */
  let chosen = null;
  let asked = 0;
  let stopped = false;

  function draw() {
    const horizons = [...new Set(row.history.map((f) => f.horizon))].sort((a, b) => a - b);
    if (!horizons.includes(horizon)) [horizon = null] = horizons;
    boxes.hidden = false;
    show(facts, [row.at, row.close], () => ['Newest bar ', at(row.at), `, close ${price(row.close)}`]);
    charts.fan.draw(row);
    show(words, row.coverage, verdict);
    show(direction, row.direction, directionWords);
    show(table, row.coverage, coverageTable);
    show(choice, [horizons, horizon], () => horizons.map((n) => h('button', { type: 'button', 'aria-pressed': String(n === horizon), on: { click: () => { horizon = n; chosen = null; draw(); choice.querySelector('[aria-pressed=true]')?.focus(); } } }, `+${n}`)));
    const history = row.history.filter((f) => f.horizon === horizon && f.status !== 'unsettled').sort((a, b) => a.bar - b.bar);
    const looked = history.find((f) => f.bar === chosen) ?? null;
    charts.past.draw(history, looked);
    picked.hidden = looked === null;
    if (looked !== null) show(picked, looked, settlement);
    show(settled, history.slice(-LISTED), (listed) => settledTable(listed, pick));
  }
  function pick(f) {
    chosen = f.bar;
    draw();
  }
  async function read() {
    asked = Date.now();
    try {
      row = await ask(`api/forecasts/${encodeURIComponent(symbol)}?limit=${ROWS}`);
      if (!stopped) draw();
    } catch (error) {
      if (!stopped && row === null) show(facts, error.message, (text) => text);
    }
  }
  void read();
  return {
    title: symbol,
    again: () => void read(),
    update: (parts) => parts.has('forecasts') && known.forecasts !== null && Date.now() - asked > REST_MS && read(),
    leave() {
      stopped = true;
      charts.fan.remove();
      charts.past.remove();
    },
  };
}

function settledTable(history, pick) {
  return h('table', { class: 'plain settled' },
    h('thead', {}, h('tr', {}, ['Made', 'Came', 'Verdict', '90 % band', '50 % band', 'From', 'CRPS against walk'].map((label, n) => h('th', { scope: 'col', class: n === 0 || n === 2 ? '' : 'n' }, label)))),
    h('tbody', {}, [...history].reverse().map((f) => h('tr', {},
      h('td', {}, h('button', { type: 'button', on: { click: () => pick(f) } }, at(f.made_at))), h('td', { class: 'n strong' }, price(f.actual_close)), h('td', { class: `verdict ${f.covered90 === false ? 'bad' : ''}` }, verdictOf(f)),
      h('td', { class: 'n' }, `${price(f.price_q05)} – ${price(f.price_q95)}`), h('td', { class: 'n' }, `${price(f.price_q25)} – ${price(f.price_q75)}`), h('td', { class: 'n' }, price(f.close)), h('td', { class: 'n muted' }, against(f))))));
}

function against({ crps, crps_gaussian: gaussian, crps_student_t: student }) {
  const walk = Math.min(gaussian ?? Infinity, student ?? Infinity);
  if (crps === null || !Number.isFinite(walk) || walk === 0) return '–';
  const gain = 1 - crps / walk;
  return `${percent(Math.abs(gain))} ${gain >= 0 ? 'better' : 'worse'}`;
}
