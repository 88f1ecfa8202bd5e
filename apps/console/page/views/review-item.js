/** A review as the page shows it. */
import { h } from '../lib/dom.js';
import { amount, at, foreign, percent } from '../lib/format.js';
import { highlighted } from '../lib/highlight.js';

/** As FEW_KNOWN_WORDS in libs/contracts. */
export const FEW_KNOWN = 0.8;
/** Less than this the history moved the score by too little to speak of. */
const MOVED = 0.05;

/** One review: its score, what the history did to it, and its text with the words that mattered. */
export function reviewItem(row) {
  const negative = row.p_negative_with_stars >= 0.5;
  const heading = row.title === null ? '' : `${row.title}\n`;
  const tags = [row.rating === null ? null : `${amount(row.rating).replace(/[.,]0$/, '')} of 5 stars`, row.app_version && `version ${row.app_version}`, row.region, row.language === 'und' ? null : row.language, row.aspects.length > 0 && `about ${row.aspects.join(', ')}`].filter(Boolean);
  const element = h('li', { class: `review ${negative ? 'negative' : ''}` },
    h('div', { class: 'score', title: scoreTitle(row) }, h('b', {}, percent(row.p_negative)), h('span', {}, movedBy(row))),
    h('div', { class: 'said' },
      row.title === null ? null : h('h3', { dir: 'auto' }, highlighted(row.title, row.top_words)),
      h('p', { dir: 'auto' }, highlighted(row.text, row.top_words, heading.length)),
      h('p', { class: 'source' }, at(row.reviewed_at), tags.map((tag) => [' · ', foreign(tag)]), row.revision > 0 ? ` · revision ${row.revision}` : ''),
      row.stars_contradict === true ? h('p', { class: 'doubt', title: `With the stars counted in: ${percent(row.p_negative_with_stars)} negative.` }, 'Its stars say the opposite of its text.') : null,
      hardlyRead(row) ? h('p', { class: 'doubt', title: 'Another language, or heavily distorted: such scores are right less often.' }, `The model knows ${percent(row.known_words)} of its words: the score is less certain.`) : null));
  return { element, update() {} };
}

const hardlyRead = ({ known_words: known }) => known !== null && known < FEW_KNOWN;
const scoreTitle = (row) => `Probability of being negative: ${percent(row.p_negative, 1)} with the product's history, ${percent(row.p_negative_text, 1)} from the text alone${row.rating === null ? '' : `, ${percent(row.p_negative_with_stars, 1)} with its stars counted in`}${row.expected_negative === null ? '' : `, ${percent(row.expected_negative, 1)} expected before it was read`}. Model ${row.model_id}`;
function movedBy({ p_negative: now, p_negative_text: text }) {
  if (Math.abs(now - text) < MOVED) return 'negative';
  return `text alone ${percent(text)}`;
}
