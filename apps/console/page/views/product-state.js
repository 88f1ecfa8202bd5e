/** For the curious: the model, the product's hidden state, and what its history did to the newest scores. */
import { h } from '../lib/dom.js';
import { amount, count, foreign, percent, plural } from '../lib/format.js';

export function productState({ newest, summary, reviews }) {
  const moves = newest.map(({ p_negative: with_, p_negative_text: alone }) => with_ - alone);
  const mean = moves.reduce((sum, move) => sum + Math.abs(move), 0) / Math.max(moves.length, 1);
  const turned = newest.filter(({ p_negative: with_, p_negative_text: alone }) => with_ >= 0.5 !== alone >= 0.5).length;
  const farthest = moves.reduce((most, move) => (Math.abs(move) > Math.abs(most) ? move : most), 0);
  const fact = (name, value) => [h('dt', {}, name), h('dd', {}, value)];
  return [
    fact('What the history did', newest.length === 0 ? 'no review yet' : `moved the newest ${newest.length} scores by ${points(mean)} on average, at most ${farthest < 0 ? 'down' : 'up'} by ${points(Math.abs(farthest))}; ${count(turned)} turned from negative to not or back`),
    fact('Hidden state', [Number.isFinite(summary.hiddenNorm) ? `norm ${amount(summary.hiddenNorm)}, ` : '', `after ${count(reviews)} reviews`]),
    Number.isFinite(summary.ratePerDay) ? fact('Its normal', `${amount(summary.ratePerDay)} negatives a day, ${percent(summary.share, 1)} of its reviews`) : null,
    Number.isFinite(summary.budgetPerDay) ? fact('Alarm budget', [`one false alarm in ${plural(Math.round(1 / summary.budgetPerDay), 'day')}, `, WHOSE[summary.budgetSource] ?? foreign(summary.budgetSource)]) : null,
    newest.length === 0 ? null : fact('Model', foreign(newest[0].model_id)),
  ];
}

/** Others are named as the surges name them, such as "group kitchen". */
const WHOSE = { default: 'as for all products', product: 'its own' };
const points = (share) => `${amount(100 * share)} percentage points`;
