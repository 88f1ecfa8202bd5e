/**
 * Words of a review marked by the attention that fell on them. Offsets are UTF-16 code units; where they do not meet the
 * word (an excerpt cut elsewhere), the first place where the word stands is marked instead.
 */
import { h } from './dom.js';
import { visible } from './format.js';

const STEPS = 4;

/** [{ start, end, weight }] inside text, sorted, never overlapping. */
export function marksOf(text, words, from = 0) {
  const marks = [];
  for (const { word, start, end, weight } of Array.isArray(words) ? words : []) {
    if (typeof word !== 'string' || word === '' || !(weight > 0)) continue;
    let at = start - from;
    let until = end - from;
    if (!(at >= 0 && until > at && until <= text.length && text.slice(at, until) === word)) {
      at = from === 0 ? text.indexOf(word) : -1;
      until = at + word.length;
    }
    if (at >= 0) marks.push({ start: at, end: until, weight });
  }
  marks.sort((a, b) => a.start - b.start || b.weight - a.weight);
  return marks.filter((mark, n) => n === 0 || mark.start >= Math.max(...marks.slice(0, n).map(({ end }) => end)));
}

export function highlighted(text, words, from = 0) {
  const marks = marksOf(text, words, from);
  const most = Math.max(...marks.map(({ weight }) => weight), 0);
  const nodes = [];
  let at = 0;
  for (const { start, end, weight } of marks) {
    nodes.push(visible(text.slice(at, start)));
    nodes.push(h('mark', { class: `w${Math.max(1, Math.ceil((weight / most) * STEPS))}`, title: `${Math.round(weight * 100)} % of the model's attention` }, visible(text.slice(start, end))));
    at = end;
  }
  nodes.push(visible(text.slice(at)));
  return nodes;
}
