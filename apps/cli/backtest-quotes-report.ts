/** The backtest as one HTML file that needs nothing else: figures per horizon, coverage over time, the PIT histogram (flat when the bands are right), fans, and every symbol's line. */
import { coverageChart, fanChart } from './backtest-quotes-charts.js';
import type { HorizonFigures } from './backtest-quotes-score.js';
import type { QuoteDocument } from './backtest-quotes-run.js';

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const percent = (x: number | null | undefined): string => (typeof x === 'number' ? (100 * x).toFixed(1) : '-');
const ratio = (x: number | null | undefined): string => (typeof x === 'number' ? x.toFixed(3) : '-');

export function quotesReport(name: string, document: QuoteDocument): string {
  const cells = (h: HorizonFigures) => [h.horizon, h.forecasts, ...Object.values(h.coverage).map(percent), percent(h.coverageRaw['0.9']), ratio(h.baselines['ewmaStudentT']?.ratio), ratio(h.baselines['garchT']?.ratio), ratio(h.baselines['ewmaGaussian']?.ratio), ratio(h.baselines['historical']?.ratio)];
  const head = ['horizon', 'forecasts', '50 %', '80 %', '90 %', '95 %', '99 %', '90 % raw', 'CRPS / t walk', '/ GARCH-t', '/ Gaussian walk', '/ historical'];
  const row = (values: readonly (string | number)[]) => `<tr>${values.map((v) => `<td>${escape(String(v))}</td>`).join('')}</tr>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Backtest of ${escape(name)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}svg{margin:.5rem 1rem .5rem 0}.pits{display:flex;flex-wrap:wrap}</style>
<h1>Backtest of ${escape(name)}</h1>
<p>${document.bars} bars of ${document.symbols} symbols by model ${escape(document.modelId)}${document.from === null ? '' : `, scored from ${escape(document.from)}`}. Bands in percent covered; a CRPS ratio below 1 beats the baseline.</p>
<table><tr>${head.map((h) => `<th>${h}</th>`).join('')}</tr>${document.horizons.map((h) => row(cells(h))).join('')}</table>
<h2>Coverage of the 90 % band over time</h2><div class="pits">${document.coverageOverTime.map(({ horizon, spans }) => coverageChart(horizon, spans)).join('')}</div>
<h2>PIT: where the actuals fell in their forecasts</h2><div class="pits">${document.horizons.map(pitChart).join('')}</div>
<h2>Fans</h2><div class="pits">${document.fans.map(fanChart).join('')}</div>
<h2>Symbols, one bar ahead</h2>
<table><tr><th>symbol</th>${head.map((h) => `<th>${h}</th>`).join('')}</tr>${document.perSymbol.flatMap(({ symbol, horizons }) => (horizons[0] === undefined || horizons[0].forecasts === 0 ? [] : [row([symbol, ...cells(horizons[0])])])).join('')}</table>
</html>
`;
}

function pitChart({ horizon, pit, forecasts }: HorizonFigures): string {
  const [width, height] = [220, 90];
  const flat = forecasts / pit.length;
  const bars = pit.map((n, i) => {
    const h = flat === 0 ? 0 : Math.min(height, (n / flat) * (height / 2));
    return `<rect x="${(i * width) / pit.length}" y="${height - h}" width="${width / pit.length - 1}" height="${h}" fill="#4a7bb5"/>`;
  });
  return `<figure style="margin:0"><svg width="${width}" height="${height}" role="img" aria-label="PIT histogram, ${horizon} bars ahead">${bars.join('')}<line x1="0" x2="${width}" y1="${height / 2}" y2="${height / 2}" stroke="#c33"/></svg><figcaption>${horizon} ahead</figcaption></figure>`;
}
