/**
 * The page: takes the live parts, routes by the address behind #, and says what state it is in. Views draw themselves
 * and keep their elements; a change of view moves the focus to its heading.
 */
import { announceSurges } from './lib/announce.js';
import { h, show } from './lib/dom.js';
import { at, clockOnly, dayAndClock, tick, utc } from './lib/format.js';
import { listen } from './lib/live.js';
import { known, learn, openSurges, streamTime, subscribe } from './lib/store.js';
import { signInView } from './views/sign-in.js';
import { forecastsView } from './views/forecasts.js';
import { nowView } from './views/now.js';
import { pipelineView } from './views/pipeline.js';
import { productView } from './views/product.js';
import { productsView } from './views/products.js';
import { surgeView } from './views/surge.js';
import { symbolView } from './views/symbol.js';

const VIEWS = { '': [nowView], surges: [nowView, surgeView], products: [productsView, productView], forecasts: [forecastsView, symbolView], pipeline: [pipelineView] };
const main = document.getElementById('content');
let view = null;
let viewTitle = 'Now';

function route(moved) {
  const [name = '', detail = ''] = location.hash.replace(/^#\/?/, '').split('/');
  const [list, single] = VIEWS[name] ?? VIEWS[''];
  let wanted = detail;
  try {
    wanted = decodeURIComponent(detail);
  } catch {
    // a stray % in a hand-typed address: taken as it stands
  }
  view?.leave?.();
  view = wanted !== '' && single !== undefined ? single(main, wanted) : list(main);
  viewTitle = view.title;
  for (const link of document.querySelectorAll('#tabs a')) {
    if (link.dataset.view === (name === '' || name === 'surges' || VIEWS[name] === undefined ? 'now' : name)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  drawTitle();
  if (moved) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

function drawTitle() {
  const open = openSurges();
  document.title = `${open > 0 ? `(${open}) ` : ''}${viewTitle} · Tidewatch`;
  const icon = document.getElementById('icon');
  const wanted = open > 0 ? 'icon-alert.svg' : 'icon.svg';
  if (icon.getAttribute('href') !== wanted) icon.setAttribute('href', wanted);
}

const WORDS = { connecting: 'Connecting', live: 'Live', trouble: 'Database away', lost: 'Reconnecting', 'sign-in': 'Signed out' };
let heard = null;
let before = 'connecting';
function drawState(state, trouble) {
  if (state === 'sign-in' && !(view?.signsIn ?? false)) {
    view?.leave?.();
    view = signInView(main);
    viewTitle = view.title;
    drawTitle();
  } else if (state === 'live' && view?.signsIn) route(true);
  // what a view could not read meanwhile need not change afterwards, so no part need come
  else if (state === 'live' && (before === 'trouble' || before === 'lost')) view?.again?.();
  before = state;
  const pill = document.getElementById('connection');
  pill.dataset.state = state;
  show(pill.querySelector('b'), state, () => WORDS[state]);
  pill.title = heard === null ? 'Nothing has been received yet' : `Newest change received ${clockOnly(heard)}`;
  const banner = document.getElementById('trouble');
  const message = state === 'trouble' ? [trouble.title, trouble.detail] : state === 'lost' ? ['The console does not answer', 'This page tries again by itself.'] : null;
  banner.hidden = message === null;
  show(banner, message && [message, heard], () => message && [h('b', {}, message[0]), ` ${message[1]} `, heard === null ? '' : ['What is shown is from ', at(heard, clockOnly), '.']]);
  document.body.classList.toggle('stale', message !== null);
}

function drawStreamTime() {
  const time = streamTime();
  const host = document.getElementById('stream-time');
  show(host, time, () => (time === null ? [] : ['Events up to ', h('time', { datetime: new Date(time).toISOString(), title: `Newest event time of the streams: ${utc(time)}` }, dayAndClock(time))]));
}

/** What came since the last frame is drawn once, in the next: however fast the parts come, a frame has one drawing in it. */
const changed = new Set();
function soon(part) {
  if (changed.size === 0) requestAnimationFrame(() => {
    const parts = new Set(changed);
    changed.clear();
    drawStreamTime();
    view?.update(parts);
  });
  changed.add(part);
}

subscribe((part) => {
  // at once: a page in the background has no frames
  if (part === 'surges' || part === 'totals') drawTitle();
  if (part === 'surges') announceSurges(document.getElementById('announce'), known.surges);
  soon(part);
});
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', () => route(true));
setInterval(() => {
  tick();
  soon('pipeline');
}, 1000);
route(false);
listen({
  onPart(part, value) {
    heard = Date.now();
    learn(part, value);
  },
  onState: drawState,
});
