/** A product's reviews, newest first: narrowed by aspect, version, region, language, stars and score, and older ones on request. */
import { h, keyed, show } from '../lib/dom.js';
import { ask } from '../lib/live.js';
import { FEW_KNOWN, reviewItem } from './review-item.js';

const PAGE = 50;
/** As much of a text as the list shows. */
const SHOWN_TEXT = 600;
const STARS = { 'rating.lte=2': '1 to 2 stars', 'rating.gt=2&rating.lt=4': 'about 3 stars', 'rating.gte=4': '4 to 5 stars' };
const FACETS = [['app_version', 'versions', 'Version', 'any version'], ['region', 'regions', 'Region', 'any region'], ['language', 'languages', 'Language', 'any language']];

export function reviewList(id) {
  const selects = FACETS.map(([column, facet, label, any]) => ({ column, facet, any, select: h('select', { 'aria-label': label, 'data-filter': column, on: { change: () => begin() } }) }));
  const aspect = h('select', { 'aria-label': 'Aspect', 'data-filter': 'aspect', hidden: true, on: { change: () => begin() } });
  const stars = h('select', { 'aria-label': 'Stars', 'data-filter': 'stars', on: { change: () => begin() } }, h('option', { value: '' }, 'any stars'), Object.entries(STARS).map(([value, words]) => h('option', { value }, words)));
  const only = h('input', { type: 'checkbox', id: 'only-negative', on: { change: () => begin() } });
  const doubt = h('input', { type: 'checkbox', id: 'only-doubt', on: { change: () => begin() } });
  const contradicting = h('input', { type: 'checkbox', id: 'only-contradicting', on: { change: () => begin() } });
  const list = h('ul', { class: 'reviews' });
  const none = h('p', { class: 'muted', role: 'status' });
  const more = h('button', { type: 'button', class: 'more', hidden: true, on: { click: () => void read(next) } }, 'Older reviews');
  const element = h('section', { hidden: true },
    h('div', { class: 'title-row' }, h('h2', {}, 'Newest reviews'), h('div', { class: 'filters', role: 'group', 'aria-label': 'Show only' }, aspect, selects.map(({ select }) => select), stars, h('label', { class: 'check', for: 'only-negative' }, only, 'negative only'), h('label', { class: 'check', for: 'only-doubt' }, doubt, 'hardly read'), h('label', { class: 'check', for: 'only-contradicting' }, contradicting, 'stars contradict'))), list, none, more);
  let rows = [];
  let next = null;
  let reading = null;

  const filters = () => [
    ...selects.filter(({ select }) => select.value !== '').map(({ column, select }) => `${column}=${encodeURIComponent(select.value)}`),
    ...(aspect.value === '' ? [] : [`aspect=${encodeURIComponent(aspect.value)}`]), ...(stars.value === '' ? [] : [stars.value]), ...(only.checked ? ['p_negative_with_stars.gte=0.5'] : []), ...(doubt.checked ? [`known_words.lt=${FEW_KNOWN}`] : []),
    ...(contradicting.checked ? ['stars_contradict=true'] : []),
  ];
  function draw(trouble = '') {
    element.hidden = false;
    more.hidden = next === null;
    show(none, [trouble, rows.length], () => trouble || (rows.length === 0 ? 'No review is like that.' : ''));
    keyed(list, rows, (row) => `${row.review_id} ${row.revision}`, reviewItem);
  }
  /** From the newest on, by the filters as they are. */
  function begin() {
    next = null;
    void read(null);
  }
  async function read(cursor) {
    reading?.abort();
    const mine = (reading = new AbortController());
    try {
      const page = await ask(`api/products/${encodeURIComponent(id)}/reviews?${[...filters(), `limit=${PAGE}`, ...(cursor === null ? [] : [`cursor=${encodeURIComponent(cursor)}`])].join('&')}`, mine.signal);
      rows = [...(cursor === null ? [] : rows), ...page.rows.map((row) => ({ ...row, text: row.text.slice(0, SHOWN_TEXT) }))];
      next = page.next;
      chooseAmong(aspect, page.aspects, 'any aspect');
      draw();
    } catch (error) {
      if (error.name !== 'AbortError') draw(error.message);
    }
  }
  return {
    element,
    /** With what is known of the product now. Who reads older reviews is not disturbed. */
    update(known) {
      for (const { facet, select, any } of selects) chooseAmong(select, known.facets[facet], any);
      if (rows.length <= PAGE) void read(null);
    },
    leave: () => reading?.abort(),
  };
}

/** Offers these values, and keeps the choice while it is among them. */
function chooseAmong(select, values, any) {
  const { value } = select;
  show(select, values, () => [h('option', { value: '' }, any), values.map((each) => h('option', { value: each }, each))]);
  select.value = values.includes(value) ? value : '';
  select.hidden = values.length === 0;
}
