/** What was refused and why, newest first, and a button that sends it back. A row keeps its element, so the button that was pressed keeps the focus. */
import { h, keyed, show } from '../lib/dom.js';
import { ago, at, count, foreign } from '../lib/format.js';
import { tell } from '../lib/live.js';

export function deadLettersView(host) {
  const codes = h('div');
  const list = h('ul', { class: 'letters' });
  host.append(h('h2', {}, 'Dead letters'), codes, list);
  return {
    update(rejected, newest) {
      show(codes, rejected, () => (rejected.length === 0 ? h('p', { class: 'card empty small calm' }, 'Every message so far could be read.') : h('ul', { class: 'codes' }, rejected.map(codeOf))));
      keyed(list, newest, (row) => `${row.topic} ${row.partition} ${row.offset}`, letter);
    },
  };
}

const codeOf = (row) => h('li', {}, h('b', {}, count(row.letters)), ' ', h('code', {}, foreign(row.code)), h('span', { class: 'muted' }, ' ', foreign(row.topic)));

function letter(first) {
  let row = first;
  const source = h('p', { class: 'source' });
  const said = h('p', { class: 'answer', role: 'status' });
  const again = h('button', { type: 'button', on: { click: send } }, 'Try again');
  const element = h('li', { class: 'card' },
    h('p', { class: 'reason' }, h('code', { class: 'chip small' }, foreign(row.code)), ' ', foreign(row.reason)),
    row.payload === null ? h('p', { class: 'muted' }, 'No payload (a tombstone).') : h('pre', { tabindex: '0', 'aria-label': 'Payload' }, foreign(row.payload)),
    source,
    row.payload === null ? null : h('p', { class: 'choice' }, again), said);

  async function send() {
    if (again.getAttribute('aria-disabled') === 'true') return;
    again.setAttribute('aria-disabled', 'true');
    said.classList.remove('bad');
    said.textContent = '';
    try {
      await tell('api/dead-letters/replay', { topic: row.topic, partition: row.partition, offset: row.offset });
      said.textContent = 'Sent back. If it fails again, a new dead letter says why.';
    } catch (error) {
      said.classList.add('bad');
      said.textContent = error.message;
      if (error.status !== 409) again.setAttribute('aria-disabled', 'false');
    }
  }

  function update(next) {
    row = next;
    show(source, [row.noted_at, row.replayed_at], () => [foreign(`${row.topic}/${row.partition}`), ` at offset ${row.offset} · message of `, at(row.message_at), ' · noted ', ago(row.noted_at), row.replayed_at === null ? null : [' · tried again ', ago(row.replayed_at)]]);
    if (row.replayed_at !== null) again.setAttribute('aria-disabled', 'true');
  }
  return { element, update };
}
