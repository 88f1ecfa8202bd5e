/**
 * What people do about a surge, in place: acknowledge, own, judge, note, and what was done. The form is built once per card and keeps
 * focus and what was typed while the surge changes around it; only what is shown of the surge is drawn anew.
 */
import { deeds } from '../lib/deed.js';
import { h, show } from '../lib/dom.js';
import { at, foreign } from '../lib/format.js';
import { tell } from '../lib/live.js';

const VERDICTS = [['real', 'Real'], ['expected', 'Expected'], ['brigading', 'Brigading'], ['false', 'False alarm']];
const VERDICT_TITLES = {
  real: 'A real incident. Counted; changes nothing in the detector.',
  expected: 'Known beforehand, such as a launch: the normal of this product moves towards it.',
  brigading: 'An arranged campaign. Counted; changes nothing in the detector.',
  false: 'Nothing was there: the normal of this product moves towards it, and many of these raise its threshold.',
};
let serial = 0;

export function surgeActions(host) {
  const id = `act-${(serial += 1)}`;
  let surge = null;

  const standing = h('p', { class: 'standing' });
  const acknowledge = h('button', { type: 'button', on: { click: () => (surge.acknowledged_at === null ? send('acknowledge', {}, 'Acknowledged.') : answer('It is acknowledged already; the first one stands.', true)) } }, 'Acknowledge');
  const own = h('button', { type: 'button', on: { click: () => send('owner', { owner: name.value.trim() }, 'It is yours.') } }, 'Take it');
  const giveUp = h('button', { type: 'button', on: { click: () => send('owner', { owner: null }, 'It has no owner now.') } }, 'Give up');
  const verdicts = VERDICTS.map(([verdict, label]) => [verdict, h('button', { type: 'button', title: VERDICT_TITLES[verdict], 'aria-pressed': 'false', on: { click: () => send('feedback', { verdict }, `Judged: ${label.toLowerCase()}.`) } }, label)]);
  const name = h('input', { type: 'text', id: `${id}-name`, maxlength: 200, autocomplete: 'name', placeholder: 'who acts' });
  const note = h('textarea', { id: `${id}-note`, rows: 2, maxlength: 4000 });
  const said = h('p', { class: 'answer', role: 'status' });
  const log = h('ol', { class: 'log' });
  const form = h('form', { class: 'act', on: { submit } },
    h('div', { class: 'row' }, h('label', { for: name.id }, 'Your name'), name, h('span', { class: 'choice' }, acknowledge, own, giveUp)),
    h('div', { class: 'row', role: 'group', 'aria-label': 'What was it?' }, h('span', { class: 'muted' }, 'It was'), h('span', { class: 'choice' }, verdicts.map(([, button]) => button))),
    h('div', { class: 'row' }, h('label', { for: note.id }, 'Note'), note, h('span', { class: 'choice' }, h('button', { type: 'submit' }, 'Add note'))),
    said);
  const { act, answer } = deeds(name, said);
  host.append(h('h4', {}, 'What is done about it'), standing, form, log);

  function submit(event) {
    event.preventDefault();
    if (note.value.trim() === '') return note.focus();
    void send('note', { note: note.value }, 'Noted.').then((done) => {
      if (done) note.value = '';
    });
  }

  const send = (action, body, done) => act(async (by) => update(await tell(`api/surges/${encodeURIComponent(surge.surge_id)}/${action}`, { by, ...body })), done);

  function update(row) {
    surge = row;
    show(standing, [row.acknowledged_at, row.acknowledged_by, row.owner], () => standingOf(row));
    // the button that was pressed keeps its place and the focus: it is out of use, not gone
    acknowledge.setAttribute('aria-disabled', String(row.acknowledged_at !== null));
    giveUp.hidden = row.owner === null;
    for (const [verdict, button] of verdicts) button.setAttribute('aria-pressed', String(row.feedback === verdict));
    show(log, row.actions, logOf);
  }

  return { update };
}

function standingOf({ acknowledged_at: when, acknowledged_by: who, owner }) {
  return [
    when === null ? 'Not acknowledged yet' : ['Acknowledged by ', foreign(who), ', ', at(when)], '. ',
    owner === null ? 'Nobody owns it.' : ['Owner: ', foreign(owner), '.'],
  ];
}

function logOf(actions) {
  return (actions ?? []).map(({ action, verdict, text, by, at: when }) => h('li', {}, at(when), ' ', foreign(by, { class: 'foreign strong' }), ' ', wordsOf(action, verdict, text)));
}

function wordsOf(action, verdict, text) {
  if (action === 'acknowledge') return 'acknowledged it';
  if (action === 'owner') return text === null ? 'took its owner away' : ['made ', foreign(text), ' its owner'];
  if (action === 'feedback') return [`judged it: ${verdict}`, text === null ? '' : [', ', foreign(text)]];
  return ['noted: ', foreign(text)];
}
