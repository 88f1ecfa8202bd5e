/** Shown where the console listens beyond its own machine and wants to know who reads. */
import { h } from '../lib/dom.js';
import { signIn } from '../lib/session.js';

export function signInView(main) {
  const token = h('input', { type: 'password', id: 'token', name: 'token', autocomplete: 'current-password', required: true });
  const answer = h('p', { class: 'answer bad', role: 'alert' });
  const form = h('form', { class: 'card pad act', on: { submit } },
    h('div', { class: 'row' }, h('label', { for: 'token' }, 'Token'), token, h('span', { class: 'choice' }, h('button', { type: 'submit' }, 'Sign in'))), answer,
    h('p', { class: 'muted' }, 'A token of role read shows everything; one of role write also acts on surges. ', h('code', {}, 'tidewatch token create --role write'), ' makes one.'));
  main.replaceChildren(h('h1', {}, 'Sign in'), form);
  token.focus();

  async function submit(event) {
    event.preventDefault();
    answer.textContent = '';
    const why = await signIn(token.value.trim());
    if (why === null) dispatchEvent(new Event('tidewatch-signed-in'));
    else answer.textContent = why;
  }
  return { title: 'Sign in', signsIn: true, update() {} };
}
