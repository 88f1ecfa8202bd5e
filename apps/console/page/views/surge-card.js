/**
 * One surge: how bad, which product, since when, expected against observed, who says so, what they have in common,
 * what happened to it, and what is done about it. The card's frame stays while it lives; only what changed is drawn anew.
 */
import { surgeChart } from '../charts/hours.js';
import { h, keyEntries, show } from '../lib/dom.js';
import { amount, at, count, duration, foreign, millis, percent } from '../lib/format.js';
import { isOpen, streamTime } from '../lib/store.js';
import { hoursOf } from './product-hours.js';
import { surgeEvents } from './known-events.js';
import { surgeActions } from './surge-actions.js';
import { alikeOf, contributorsOf, evidenceOf } from './what-stands-out.js';

const STATUS = { opened: 'Open', worsening: 'Worsening', easing: 'Easing', closed: 'Closed' };
const STEP = { opened: 'Opened', worsening: 'Worse', easing: 'Easing', closed: 'Closed' };
const DAYS = 24 * 3_600_000;
let serial = 0;

/** How sure the excess is, as the end of a sentence; '' in rows of older versions. */
export const sureOf = ({ excess_low: low, excess_high: high }) => (low === null ? '' : `, so ${amount(Math.max(0, low))} to ${amount(high)} too many (90 % interval)`);
export const productLink = (id) => `#/products/${encodeURIComponent(id)}`;
const severityClass = (severity) => (severity >= 7 ? 'high' : severity >= 4 ? 'middle' : 'low');

/** Card states the viewer chose, kept while the page lives. */
const chosen = new Map();

/** titled: 'product', or 'time' where the product is known from around it. */
export function surgeCard(first, { open = false, titled = 'product' } = {}) {
  const id = `surge-${(serial += 1)}`;
  const badge = h('span', { class: 'severity' });
  const name = h('span', { class: 'name' });
  const toggle = h('button', { class: 'toggle', type: 'button', 'aria-controls': id });
  const state = h('span', { class: 'surge-state' });
  const sentence = h('p', { class: 'why' });
  const body = h('div', { class: 'surge-body', id });
  const element = h('article', { class: 'card surge' }, h('header', {}, badge, h('div', { class: 'surge-title' }, h('h3', {}, toggle), sentence), state), body);
  toggle.append(name, h('span', { class: 'chevron', 'aria-hidden': 'true' }));
  const details = bodyOf(body);
  let surge = first;

  const expanded = () => chosen.get(surge.surge_id) ?? open;
  function unfold() {
    toggle.setAttribute('aria-expanded', String(expanded()));
    body.hidden = !expanded();
    if (expanded()) details.update(surge);
  }
  toggle.addEventListener('click', () => {
    chosen.set(surge.surge_id, !expanded());
    unfold();
  });

  return {
    element,
    remove: () => details.remove(),
    update(row, options = {}) {
      surge = row;
      open = options.open ?? open;
      element.dataset.status = row.status;
      element.dataset.surge = row.surge_id;
      element.dataset.severity = isOpen(row) ? severityClass(row.severity) : 'over';
      show(badge, row.severity, () => [h('b', {}, count(row.severity)), h('span', { class: 'quiet' }, ' of 10, severity')]);
      badge.title = `Severity ${count(row.severity)} of 10`;
      if (titled === 'time') show(name, row.opened_at, (time) => ['Surge of ', at(time)]);
      else show(name, row.product_name, (text) => foreign(text));
      show(state, [row.status, row.closed_at, isOpen(row) ? streamTime() : 0, row.owner, row.feedback, row.muted, row.brigading], () => [
        h('span', { class: `chip ${row.status}` }, STATUS[row.status] ?? row.status), row.muted ? h('span', { class: 'chip' }, 'muted') : null, row.brigading ? h('span', { class: 'chip' }, 'possible brigading') : null, h('span', { class: 'since' }, sinceWhen(row)),
        row.owner === null && row.feedback === null ? null : h('span', { class: 'since' }, row.owner === null ? '' : foreign(row.owner), row.owner !== null && row.feedback !== null ? ', ' : '', row.feedback === null ? '' : `judged ${row.feedback}`),
      ]);
      show(sentence, [row.observed, row.expected, row.excess_low, row.excess_high, row.share_now, row.share_before, row.started_at, row.last_change_at], () => whyOf(row));
      unfold();
    },
  };
}

function sinceWhen(row) {
  if (!isOpen(row)) return ['lasted ', duration(millis(row.closed_at) - millis(row.opened_at)), ', closed ', at(row.closed_at)];
  return ['open for ', duration((streamTime() ?? millis(row.last_change_at)) - millis(row.opened_at))];
}

function whyOf(row) {
  const times = row.expected > 0 ? row.observed / row.expected : null;
  return [
    h('strong', {}, `${amount(row.observed)} negative reviews`), ' between ', at(row.started_at), ' and ', at(row.last_change_at), ', where ', h('strong', {}, amount(row.expected)), ' were expected',
    times !== null && times >= 1.5 ? `, ${amount(times)} times the usual` : '', sureOf(row), `. Share of negatives ${percent(row.share_now)}, before ${percent(row.share_before)}.`,
  ];
}

function bodyOf(body) {
  let built = null;
  function build() {
    const plot = h('div', { class: 'plot surge-plot', role: 'img' });
    const key = h('p', { class: 'key' });
    const contributors = h('section', { class: 'contributors' });
    const alike = h('section', { class: 'alike' });
    const events = h('section', { class: 'known' });
    const evidence = h('section', { class: 'evidence' });
    const life = h('section', { class: 'life' });
    const acts = h('section', { class: 'acts' });
    const fine = h('footer', { class: 'fine' });
    body.append(h('div', { class: 'surge-figures' }, h('section', { class: 'surge-chart' }, h('h4', {}, 'Expected against observed'), plot, key), contributors), alike, events, evidence, life, acts, fine);
    built = { plot, key, contributors, alike, events, evidence, life, fine, actions: surgeActions(acts), chart: surgeChart(plot) };
  }
  return {
    remove: () => built?.chart.remove(),
    update(row) {
      if (built === null) build();
      show(built.contributors, row.contributors, contributorsOf);
      show(built.alike, [row.brigading, row.look_alikes, row.observed, row.observed_without], () => alikeOf(row));
      show(built.events, [row.events, row.muted], () => surgeEvents(row));
      show(built.evidence, row.evidence, evidenceOf);
      show(built.life, [row.history, row.started_at, row.opened_at, row.status], () => lifeOf(row));
      built.actions.update(row);
      show(built.fine, [row.budget_per_day, row.budget_source, row.channel, row.model_id, row.settings_id, row.product_id, row.group_surge_id], () => fineOf(row));
      void hoursOf(row.product_id).then((hours) => {
        if (!body.isConnected || body.hidden) return;
        const width = built.chart.draw(row, hours, streamTime() ?? millis(row.last_change_at));
        built.plot.setAttribute('aria-label', `Negative reviews over time: ${amount(row.observed)} since the change, ${amount(row.expected)} expected.`);
        show(built.key, [width, row.closed_at !== null], keyOf);
      }, () => undefined);
    },
  };
}

const keyOf = ([width, closed]) => keyEntries(['bar-before', 'before'], ['bar-since', `negative per ${width === 1 ? 'hour' : `${width} hours`}`], ['dashed', 'expected'], ['band-chance', 'left to chance'], ['rule-began', 'change began'], ['rule-opened', 'alarm'], ...(closed ? [['rule-closed', 'closed']] : []));

/** The end of an event that muted is a transition, too. */
const stepLabel = (step, before) => (before?.muted && !step.muted && step.status === before.status ? 'No longer muted' : STEP[step.status] ?? step.status);

function lifeOf(row) {
  const steps = [{ label: 'Began', at: row.started_at, note: 'estimated', kind: 'began' }, ...(row.history ?? []).map((step, i, steps) => ({ label: stepLabel(step, steps[i - 1]), at: step.at, note: `severity ${count(step.severity)}, ${amount(step.observed)} seen`, kind: step.status, muted: step.muted }))];
  return [
    h('h4', {}, 'What happened'),
    h('ol', { class: 'steps' }, folded(steps).map((step) => h('li', { class: step.kind }, h('b', {}, step.times > 1 ? `${step.label}, ${step.times} times` : step.label), at(step.at), h('span', { class: 'muted' }, step.note)))),
  ];
}

/** Steps of one kind in a row become the last of them, with how often. */
function folded(steps) {
  const out = [];
  for (const step of steps) {
    const same = out.at(-1)?.kind === step.kind && out.at(-1)?.muted === step.muted;
    out.push({ ...step, times: same ? out.pop().times + 1 : 1 });
  }
  return out;
}

function fineOf(row) {
  const days = row.budget_per_day > 0 ? 1 / row.budget_per_day : null;
  return [
    h('a', { href: productLink(row.product_id) }, 'All reviews of this product'),
    h('span', {}, days === null ? '' : `Alarm budget: one false alarm per product in ${duration(days * DAYS)}`, row.budget_source === 'default' ? '' : [' (', foreign(row.budget_source), ')']),
    row.group_surge ? h('span', {}, 'Part of a surge over ', foreign(row.group_surge.group_name)) : null,
    h('span', {}, row.channel === 'share' ? 'Raised by the share of negatives' : 'Raised by the count of negatives'),
    h('span', { class: 'id' }, 'Model ', foreign(row.model_id), ', settings ', foreign(row.settings_id)),
  ];
}
