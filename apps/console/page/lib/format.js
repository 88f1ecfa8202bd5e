/** Numbers, times and durations as people read them. Times are shown in the viewer's zone; UTC is in the title. */
import { h } from './dom.js';

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const MINUTE = 60_000;

export const millis = (time) => (time === null || time === undefined ? NaN : new Date(time).getTime());
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
export const dateOnly = (time) => date.format(new Date(time));
export const utc = (time) => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
export const dayAndClock = (time) => day.format(new Date(time));
export const clockOnly = (time) => clock.format(new Date(time));
export const count = (n) => (n === null || n === undefined ? '–' : whole.format(n));
/** One decimal below ten, none above: 4.2, 38. */
export const amount = (n) => (n === null || n === undefined ? '–' : n !== 0 && Math.abs(n) < 9.95 ? fine.format(n) : whole.format(n));
export const percent = (share, digits = 0) => (share === null || share === undefined ? '–' : `${(share * 100).toFixed(digits)} %`);
export const price = (n) => (n === null || n === undefined ? '–' : n.toLocaleString(undefined, { minimumFractionDigits: n < 10 ? 4 : 2, maximumFractionDigits: n < 10 ? 4 : 2 }));
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** 40 s, 12 min, 3 h 20 min, 2 d 4 h */
export function duration(ms) {
  if (!Number.isFinite(ms)) return '–';
  const minutes = Math.round(Math.max(ms, 0) / MINUTE);
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function at(time, format = dayAndClock) {
  if (time === null || time === undefined) return h('span', { class: 'muted' }, '–');
  return h('time', { datetime: new Date(time).toISOString(), title: utc(time) }, format(time));
}

/** "12 s ago" by the viewer's clock; tick() keeps it true. */
export function ago(time) {
  if (time === null || time === undefined) return h('span', { class: 'muted' }, 'never');
  const element = h('time', { datetime: new Date(time).toISOString(), title: utc(time), 'data-ago': '' }, sinceNow(time));
  return element;
}
const sinceNow = (time) => (Date.now() - millis(time) < 1500 ? 'just now' : `${duration(Date.now() - millis(time))} ago`);
export function tick() {
  for (const element of document.querySelectorAll('time[data-ago]')) {
    const text = sinceNow(element.dateTime);
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * A stranger's text made safe to look at, one code unit for one: control characters become their pictures and
 * direction overrides, which make text read as what it is not, the replacement character. Markup needs nothing: it is text.
 */
export const visible = (text) => String(text ?? '').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/[\u007f-\u009f\u202d\u202e]/g, '\ufffd');
/** The same, isolated from the direction of what stands around it. */
export const foreign = (text, attributes = {}) => h('bdi', { class: 'foreign', ...attributes }, visible(text));
