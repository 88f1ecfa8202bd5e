/**
 * The event stream. Each event carries a whole part of the screen, so nothing has to be put together and a break costs nothing.
 * The browser reconnects after a broken connection by itself; after a refusal (503) it gives up, so we begin again.
 * States: connecting, live, lost (no console), trouble (console there, database away), sign-in (console there, and it wants a token).
 */
import { beginSession, mayRead } from './session.js';
import { known } from './store.js';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

export function listen({ onPart, onState }) {
  let source;
  let wait = FIRST_WAIT_MS;
  let timer;
  let trouble = null;
  const say = (state) => onState(trouble !== null && state === 'live' ? 'trouble' : state, trouble);

  function begin() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource('api/stream');
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      say('live');
    };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return say('lost');
      void mayRead().then((may) => {
        if (!may) return onState('sign-in', null);
        say('lost');
        timer = setTimeout(begin, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      });
    };
    source.addEventListener('trouble', ({ data }) => {
      trouble = JSON.parse(data);
      say('live');
    });
    for (const part of Object.keys(known)) source.addEventListener(part, ({ data }) => onPart(part, JSON.parse(data)));
  }

  window.addEventListener('online', begin);
  window.addEventListener('tidewatch-signed-in', begin);
  window.addEventListener('pagehide', () => source?.close());
  window.addEventListener('pageshow', ({ persisted }) => persisted && begin());
  say('connecting');
  begin();
}

/** JSON of an API path, or an Error with the problem's own sentence. */
export const ask = (path, signal) => request(path, { signal, headers: { accept: 'application/json' } });

/** The same for a change: sends `body`, where there is one, under the session of this page. */
export async function tell(path, body, method = 'POST') {
  await beginSession();
  const send = () => request(path, { method, body: JSON.stringify(body), headers: { accept: 'application/json', 'content-type': 'application/json' } });
  try {
    return await send();
  } catch (error) {
    // a console that was started anew does not know the sessions it gave before
    if (error.status !== 401 || !(await beginSession(true))) throw error;
    return send();
  }
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Error('The console does not answer. This page tries again by itself.');
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw Object.assign(new Error(body?.detail ?? `The console answered ${response.status}.`), { status: response.status });
  return body;
}
