/** What an operator asks: does every partition move, what was refused and why, which model serves, is a feed silent. */
import { h, scrolling, show } from '../lib/dom.js';
import { ago, amount, at, count, duration, foreign, plural } from '../lib/format.js';
import { known } from '../lib/store.js';
import { deadLettersView } from './dead-letters.js';
import { messageRate, totalLag } from './rates.js';

export function pipelineView(main) {
  const alarms = h('div');
  const rate = h('p', { class: 'muted lead' });
  const positions = h('section', { 'aria-label': 'Positions' });
  const letters = h('section', { 'aria-label': 'Dead letters' });
  const models = h('section', { 'aria-label': 'Models' });
  main.replaceChildren(h('h1', {}, 'Pipeline'), rate, alarms, positions, letters, models);
  const rejected = deadLettersView(letters);
  function update() {
    const pipeline = known.pipeline;
    show(rate, [pipeline?.positions.length, pipeline && amount(messageRate()), totalLag()], () => (pipeline === null ? 'Reading the database …' : pipeline.positions.length === 0 ? '' : `${amount(messageRate())} messages per second, ${count(totalLag())} waiting.`));
    if (pipeline === null) return;
    show(alarms, [pipeline.silence, pipeline.stale ?? [], pipeline.silentProducts ?? [], pipeline.gaps, (pipeline.channels ?? []).filter(({ failing }) => failing)], alarmsOf);
    show(positions, pipeline.positions, positionsOf);
    rejected.update(pipeline.rejected, pipeline.deadLetters);
    show(models, pipeline.models, modelsOf);
  }
  update();
  return { title: 'Pipeline', update: (parts) => parts.has('pipeline') && update() };
}

const alarmsOf = ([silence, stale, products, gaps, failing]) => [
  ...failing.map((row) => h('p', { class: 'notice bad' }, h('b', {}, `Notifications over ${row.channel} reach nobody`), ': ', foreign(row.last_error ?? 'nothing was delivered'), `. ${plural(row.waiting, 'message')} waiting.`)),
  ...silence.map(({ stream, silent_since: since }) => h('p', { class: 'notice bad' }, h('b', {}, `The feed of ${stream} is silent`), ' since ', at(since), '. That is a dead feed, not good news: look at its producer.')),
  ...stale.map((row) => h('p', { class: 'notice bad' }, h('b', {}, foreign(row.symbol), ' is silent'), ' since ', at(row.silent_since), `, a span in which it usually brings ${count(row.usual_bars)} bars or more.`)),
  ...products.map((row) => h('p', { class: 'notice bad' }, h('b', {}, 'No review of ', foreign(row.product_name ?? row.product_id), ' comes any more'), ': the newest is of ', at(row.silent_since), `, and ${duration(row.ordinary_seconds * 1000)} without one is the most that its own gaps explain.`)),
  ...gaps.map((gap) => h('p', { class: 'notice bad' }, h('b', {}, `Offsets ${gap.from_offset} to ${gap.to_offset} of `, foreign(`${gap.topic}/${gap.partition}`), ' were gone'), gap.reason === 'retention' ? ' (retention)' : ' (the topic was made anew)', ', noted ', at(gap.recorded_at), '.')),
];

function positionsOf(rows) {
  if (rows.length === 0) return h('div', { class: 'card empty' }, h('h3', {}, 'No partition has been taken yet'), h('p', {}, 'A worker writes the first line here when it is assigned a partition. ', h('code', {}, 'npm run tidewatch -- doctor'), ' says what is missing.'));
  const columns = ['Partition', 'Waiting', 'Last commit', 'Event time', 'Committed to', 'Accepted', 'Repeated', 'Rejected', 'Taken over'];
  return h('div', scrolling('Table of positions', 'card table-card'), h('table', {},
    h('caption', {}, 'Positions'),
    h('thead', {}, h('tr', {}, columns.map((label, n) => h('th', { scope: 'col', class: n === 1 || n >= 4 ? 'n' : '' }, label)))),
    h('tbody', {}, rows.map((row) => h('tr', {},
      h('th', { scope: 'row', class: 'topic' }, foreign(row.topic), h('span', { class: 'muted' }, ` / ${row.partition}`)),
      h('td', { class: `n ${row.lag > 0 ? 'strong' : 'muted'}` }, count(row.lag)), h('td', {}, ago(row.committed_at)), h('td', {}, at(row.watermark)),
      [Number(row.next_offset), row.accepted, row.duplicates, row.rejected].map((n) => h('td', { class: 'n' }, count(n))),
      h('td', { class: 'n muted', title: `Taken over by a worker ${row.epoch} times; its owner now: ${row.owner ?? 'none'}` }, count(row.epoch)))))));
}

function modelsOf(rows) {
  const title = h('h2', {}, 'Models');
  if (rows.length === 0) return [title, h('p', { class: 'card empty small' }, 'No worker has recorded a model yet.')];
  return [title, h('div', scrolling('Table of models', 'card table-card'), h('table', {},
    h('thead', {}, h('tr', {}, ['Model', 'Stream', 'State', 'Active since'].map((label) => h('th', { scope: 'col' }, label)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, h('th', { scope: 'row', class: 'id' }, foreign(row.model_id)), h('td', {}, row.stream), h('td', {}, row.active ? h('span', { class: 'chip small closed' }, 'serving') : h('span', { class: 'muted' }, 'retired')), h('td', {}, at(row.activated_at)))))))];
}
