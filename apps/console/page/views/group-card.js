/** A surge that widened over a group: one card with the products it is made of, worst first, and what their negatives have in common. */
import { h, show } from '../lib/dom.js';
import { amount, at, count, foreign, plural } from '../lib/format.js';
import { productLink, sureOf } from './surge-card.js';
import { alikeOf, contributorsOf, evidenceOf } from './what-stands-out.js';

/** Of the surges that are shown, the records they are children of: each once, open ones and the worst first. */
export function groupsOf(surges) {
  const found = new Map();
  for (const { group_surge: group } of surges ?? []) if (group) found.set(group.group_surge_id, group);
  return [...found.values()].filter(({ closed_at: closed }) => closed === null).sort((a, b) => b.severity - a.severity);
}

export function groupCard() {
  const title = h('h3', {});
  const why = h('p', { class: 'why' });
  const list = h('ul', { class: 'known-events' });
  const contributors = h('section', { class: 'contributors' });
  const alike = h('section', { class: 'alike' });
  const evidence = h('section', { class: 'evidence' });
  const element = h('article', { class: 'card pad group-surge' }, title, why, h('div', { class: 'surge-figures' }, list, contributors), alike, evidence);
  return {
    element,
    update(row) {
      show(title, [row.group_name, row.open_products], () => [foreign(row.group_name), h('span', { class: 'muted' }, `: one surge over ${plural(row.products, 'product')}, ${count(row.open_products)} still open`)]);
      show(why, [row.observed, row.expected, row.excess_low, row.excess_high, row.started_at], () => [h('strong', {}, `${amount(row.observed)} negative reviews`), ' since ', at(row.started_at), ', where ', h('strong', {}, amount(row.expected)), ' were expected, all together', sureOf(row), '.']);
      show(list, row.children, () => row.children.map((child) => h('li', {}, h('a', { href: productLink(child.productId) }, foreign(child.productName ?? child.productId)), h('span', { class: 'muted' }, ` severity ${count(child.severity)}, ${child.closedAt === null ? child.status : 'closed'}`))));
      show(contributors, row.contributors, contributorsOf);
      show(alike, [row.brigading, row.look_alikes, row.observed, row.observed_without], () => alikeOf(row));
      show(evidence, row.evidence, (list) => evidenceOf(list.map((each) => ({ ...each, reviewedAt: each.at }))));
    },
  };
}
