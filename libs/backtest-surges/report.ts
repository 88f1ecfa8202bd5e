/** The backtest as one self-contained HTML page: no script, no outside reference, everything from the file escaped. */
import type { SurgeEvidence, SurgeRecord } from '#contracts';
import { surgeChart } from './chart.js';
import type { SurgeCollector } from './collect.js';
import { escapeHtml } from './escape.js';

export interface ReportInput {
  readonly file: string;
  readonly budget: string;
  /** What counted as negative: the model's name, or the stars. */
  readonly truth: string;
  readonly refused: number;
  readonly collected: SurgeCollector;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2em auto;padding:0 1em;color:#1b2733}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2.2em;border-top:1px solid #dde3e8;padding-top:1em}
table{border-collapse:collapse;margin:.6em 0}td,th{padding:.2em .8em .2em 0;text-align:left;vertical-align:top}th{font-weight:600}
td.n,th.n{text-align:right}svg{width:100%;height:auto;background:#f7f9fa}svg text{font:10px system-ui,sans-serif;fill:#51606d}
.bar{fill:#c4512d}.expected{fill:none;stroke:#2a6f97;stroke-width:1.6}line{stroke:#51606d}.start{stroke-dasharray:4 3}.closed{stroke-dasharray:1 3}
.evidence{fill:#1b2733}blockquote{margin:.5em 0;padding:.3em .8em;border-left:3px solid #c4512d;background:#faf6f4}mark{background:#ffe2a8}small{color:#51606d}`;

const when = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

export function htmlReport({ file, budget, truth, refused, collected }: ReportInput): string {
  const surges = collected.surges();
  const span = collected.reviews === 0 ? 'no usable review' : `${collected.reviews.toLocaleString('en')} reviews of ${collected.products.size.toLocaleString('en')} products, ${when(collected.from)} to ${when(collected.to)} UTC`;
  const rows = surges.map((records, i) => rowOf(records[records.length - 1]!, i, nameOf(collected, records[0]!.productId))).join('\n');
  const table = surges.length === 0 ? '<p>Nothing would have been raised.</p>' : `<table><tr><th></th><th>Product</th><th>Channel</th><th>Start</th><th>Opened</th><th>Closed</th><th class="n">Severity</th><th class="n">Expected</th><th class="n">Observed</th></tr>\n${rows}</table>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>Surge backtest: ${escapeHtml(file)}</title><style>${STYLE}</style></head><body>
<h1>What would have fired: ${escapeHtml(file)}</h1>
<p>${span}${refused === 0 ? '' : `; ${refused.toLocaleString('en')} lines could not be used`}. Alarm budget ${escapeHtml(budget)} per product. Negative: ${escapeHtml(truth)}. ${surges.length} surges.</p>
${table}
${surges.map((records, i) => sectionOf(records, i, collected)).join('\n')}
</body></html>
`;
}

const nameOf = (collected: SurgeCollector, productId: string) => collected.products.get(productId)?.name ?? productId;

function rowOf(surge: SurgeRecord, i: number, name: string): string {
  return `<tr><td><a href="#s${i + 1}">${i + 1}</a></td><td>${escapeHtml(name)}</td><td>${surge.channel}</td><td>${when(surge.startedAt)}</td><td>${when(surge.openedAt)}</td><td>${surge.closedAt === null ? 'open' : when(surge.closedAt)}</td><td class="n">${surge.severity}</td><td class="n">${surge.expected.toFixed(1)}</td><td class="n">${surge.observed.toFixed(1)}</td></tr>`;
}

function sectionOf(records: readonly SurgeRecord[], i: number, collected: SurgeCollector): string {
  const surge = records[records.length - 1]!;
  const series = collected.products.get(surge.productId) ?? { at: [], pNegative: [] };
  const life = records.map(({ status, at, severity }) => `${status} ${when(at)} (${severity})`).join(', ');
  const { contributors: found, evidence } = collected.explanationOf(surge.surgeId);
  const contributors = found.length === 0 ? '<p>Nothing is over-represented among its negatives.</p>'
    : `<table><tr><th>Contributor</th><th></th><th class="n">Before</th><th class="n">Now</th><th class="n">Times</th></tr>${found.map((c) => `<tr><td>${escapeHtml(c.kind)}</td><td>${escapeHtml(c.value)}</td><td class="n">${percent(c.shareBefore)}</td><td class="n">${percent(c.shareNow)}</td><td class="n">${c.ratio === undefined ? '' : c.ratio.toFixed(1)}</td></tr>`).join('')}</table>`;
  return `<h2 id="s${i + 1}">${i + 1}. ${escapeHtml(nameOf(collected, surge.productId))} <small>${escapeHtml(surge.productId)}</small></h2>
<p>${surge.channel === 'count' ? 'More negatives than time explains' : 'A larger share of negatives'}: ${surge.observed.toFixed(1)} where ${surge.expected.toFixed(1)} were expected since ${when(surge.startedAt)}; share ${percent(surge.shareBefore)} before, ${percent(surge.shareNow)} since. Severity ${surge.severity}.${surge.events.length === 0 ? '' : ` Known events: ${surge.events.map(({ name, kind, factor, mute }) => `${escapeHtml(name)} (${kind}${factor === null ? '' : `, ${factor} times the usual expected`}${mute ? ', muted' : ''})`).join('; ')}.`}</p>
${surgeChart({ series, surge, evidence, to: collected.to })}
<p><small>${life}</small></p>
${contributors}
${evidence.map(quoteOf).join('\n')}`;
}

function quoteOf({ at, pNegative, excerpt, topWords, position }: SurgeEvidence): string {
  return `<blockquote>${highlighted(excerpt, topWords)}<br><small>${when(at)}, P(negative) ${pNegative.toFixed(2)}, line ${position.offset}</small></blockquote>`;
}

/** Words marked by their offsets; those that overlap one before them are left plain. */
function highlighted(text: string, words: SurgeEvidence['topWords']): string {
  let out = '';
  let done = 0;
  for (const { start, end } of words.toSorted((a, b) => a.start - b.start)) {
    if (start < done || end > text.length) continue;
    out += `${escapeHtml(text.slice(done, start))}<mark>${escapeHtml(text.slice(start, end))}</mark>`;
    done = end;
  }
  return out + escapeHtml(text.slice(done));
}
