/**
 * Builds elements. Text only ever enters as text nodes, so nothing a review says can become markup.
 * keyed() keeps the element of a row as long as the row lives: focus, scroll position and charts survive an update.
 */
const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** h('p', { class: 'x', on: { click } }, 'text', node, [nodes], null) */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** Attributes of a box that scrolls sideways where it is too narrow: the keyboard reaches it, and a reader says what it is. */
export const scrolling = (name, extra = '') => ({ class: `${extra} scroll`.trim(), tabindex: '0', role: 'region', 'aria-label': name });

/** Entries of a chart's key: [swatch class, words]. */
export const keyEntries = (...entries) => entries.map(([swatch, words]) => h('span', {}, h('i', { class: `swatch ${swatch}`, 'aria-hidden': 'true' }), words));

/** Gives `host` these children, and touches nothing while `value` stays what it was at the last call. */
const shown = new WeakMap();
export function show(host, value, build) {
  const key = JSON.stringify(value);
  if (shown.get(host) === key) return;
  shown.set(host, key);
  host.replaceChildren(...[build(value)].flat(Infinity).filter((child) => child !== null && child !== false && child !== undefined));
}

/** Lets go of all rows of a list and what they hold (charts). */
export const unkeyed = (host) => keyed(host, [], () => '', () => undefined);

/** Makes the children of `host` those of `rows`, in order. make(row) gives { element, update(row), remove?() }. */
const lists = new WeakMap();
export function keyed(host, rows, keyOf, make) {
  const items = lists.get(host) ?? new Map();
  lists.set(host, items);
  const wanted = new Set(rows.map(keyOf));
  for (const [key, item] of items) {
    if (wanted.has(key)) continue;
    item.remove?.();
    item.element.remove();
    items.delete(key);
  }
  let place = host.firstElementChild;
  for (const row of rows) {
    const key = keyOf(row);
    let item = items.get(key);
    if (item === undefined) {
      item = make(row);
      items.set(key, item);
    }
    item.update(row);
    if (item.element === place) place = place.nextElementSibling;
    else host.insertBefore(item.element, place);
  }
}
