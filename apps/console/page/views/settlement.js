/** How one forecast was settled: what it said, what came, and how that is judged. */
import { h } from '../lib/dom.js';
import { at, percent, price } from '../lib/format.js';

/** @param f a forecast with what became of it, as api/forecasts gives it */
export function settlement(f) {
  const line = (term, ...words) => [h('dt', { class: 'muted' }, term), h('dd', {}, ...words)];
  const band = (low, high) => `${price(f[`price_${low}`])} – ${price(f[`price_${high}`])}`;
  return [
    h('h3', {}, `Made `, at(f.made_at), `, ${f.horizon === 1 ? 'one bar' : `${f.horizon} bars`} ahead`),
    h('dl', {},
      line('Started from', `${price(f.close)}, bar ${f.bar}`),
      line('Said', `50 %: ${band('q25', 'q75')}; 90 %: ${band('q05', 'q95')}; median ${price(f.price_q50)}`),
      line('Before the correction', `90 %: ${rawBand(f)}`),
      ...(f.status === 'settled' ? [
        line('Came', h('b', {}, price(f.actual_close)), ' at ', at(f.settled_at), `, a return of ${percent(f.actual, 2)}`),
        line('Lay', f.pit === null ? '–' : `above ${percent(f.pit, 1)} of what the forecast held possible: ${verdictOf(f)}`),
        line('CRPS', `${percent(f.crps, 3)} in returns, ${against(f)}`),
      ] : [line('Came', f.status === 'pending' ? 'not yet: its bar has not come' : 'never: its bar did not come in time')]),
      line('Model', f.model_id)),
  ];
}

/** Levels 5 and 95 % of the model's own quantiles, as prices. */
function rawBand({ levels, raw, close }) {
  const of = (level) => raw[levels.findIndex((each) => Math.abs(each - level) < 1e-6)];
  const [low, high] = [of(0.05), of(0.95)];
  return low === undefined || high === undefined ? '–' : `${price(close * Math.exp(low))} – ${price(close * Math.exp(high))}`;
}

export function verdictOf(f) {
  if (f.status === 'pending') return 'not settled yet';
  if (f.covered50) return 'in the 50 % band';
  return f.covered90 ? 'in the 90 % band' : 'outside';
}

function against({ crps, crps_gaussian: gaussian, crps_student_t: student }) {
  const share = (walk) => (walk === null || crps === null || walk === 0 ? '–' : `${percent(Math.abs(1 - crps / walk))} ${crps <= walk ? 'better' : 'worse'}`);
  return `${share(gaussian)} than the Gaussian walk, ${share(student)} than the Student-t walk`;
}
