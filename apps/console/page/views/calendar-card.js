/**
 * The calendar of known events: what is in force, was lately, or is to come, each with a button that takes it out, and a form that adds one. The form
 * is built once and keeps what was typed while the list changes.
 */
import { deeds } from '../lib/deed.js';
import { h, show } from '../lib/dom.js';
import { foreign } from '../lib/format.js';
import { ask, tell } from '../lib/live.js';
import { streamTime } from '../lib/store.js';
import { eventLine } from './known-events.js';

const LATELY_MS = 14 * 24 * 3_600_000;
const LIMIT = 100;
const KINDS = ['launch', 'sale', 'recall', 'holiday', 'other'];

export function calendarCard() {
  const field = (id, attributes = {}) => h('input', { type: 'text', id: `event-${id}`, ...attributes });
  const name = field('name', { required: true, maxlength: 200, autocomplete: 'off' });
  const kind = h('select', { id: 'event-kind' }, KINDS.map((each) => h('option', { value: each }, each)));
  const from = field('from', { type: 'datetime-local', required: true });
  const until = field('until', { type: 'datetime-local', required: true });
  const products = field('products', { placeholder: 'ids between commas; empty: all', autocomplete: 'off', spellcheck: 'false' });
  const factor = field('factor', { type: 'number', min: 0.1, max: 100, step: 'any', placeholder: 'times the usual volume' });
  const mute = h('input', { type: 'checkbox', id: 'event-mute' });
  const by = field('by', { maxlength: 200, autocomplete: 'name', placeholder: 'who acts' });
  const said = h('p', { class: 'answer', role: 'status' });
  const list = h('ul', { class: 'known-events', 'aria-label': 'Events in the calendar' });
  const title = h('h2', { tabindex: '-1' }, 'Known events');
  const row = (text, input, more = null) => h('div', { class: 'row' }, h('label', { for: input.id }, text), input, more);
  const form = h('form', { class: 'act', 'aria-label': 'Add a known event', on: { submit } },
    row('Name', name), row('Kind', kind), row('From', from), row('Until', until), row('Products', products),
    row('Expect', factor, h('label', { class: 'check', for: mute.id }, mute, 'tell nobody')),
    row('Your name', by, h('span', { class: 'choice' }, h('button', { type: 'submit' }, 'Add event'))), said);
  const { act, answer } = deeds(by, said);
  const element = h('section', { class: 'card pad calendar' }, title, h('p', { class: 'muted' }, 'A launch, sale or recall: how much more is expected for it, or that surges are recorded and nobody is told.'), list, h('h3', {}, 'Add one'), form);

  function submit(event) {
    event.preventDefault();
    const ids = products.value.split(',').map((each) => each.trim()).filter((each) => each !== '');
    void change((who) => tell('api/calendar', {
      by: who, name: name.value.trim(), kind: kind.value, from: new Date(from.value).toISOString(), until: new Date(until.value).toISOString(),
      products: ids.length === 0 ? null : ids, factor: factor.value === '' ? null : Number(factor.value), mute: mute.checked,
    }), 'It is in the calendar.').then((done) => {
      if (!done) return;
      for (const input of [name, from, until, products, factor]) input.value = '';
      mute.checked = false;
    });
  }

  function remove({ event_id: id, name: what }) {
    void change(() => tell(`api/calendar/${encodeURIComponent(id)}`, undefined, 'DELETE'), `${what} is out of the calendar.`).then((done) => done && title.focus());
  }

  const change = (send, done) => act(async (who) => {
    await send(who);
    await read();
  }, done);

  async function read() {
    const since = new Date(Math.min(streamTime() ?? Date.now(), Date.now()) - LATELY_MS).toISOString();
    const { rows } = await ask(`api/calendar?limit=${LIMIT}&from=${since}`);
    show(list, rows, () => (rows.length === 0 ? h('li', {}, 'None in the last two weeks, and none to come.') : rows.map((event) => h('li', {}, eventLine(event), h('span', { class: 'muted' }, ', ', event.products === null ? 'all products' : foreign(event.products.join(', '))), ' ', h('button', { type: 'button', class: 'remove', 'aria-label': `Remove ${event.name}`, on: { click: () => remove(event) } }, 'Remove')))));
  }

  return { element, read: () => read().catch((error) => answer(error.message, true)) };
}
