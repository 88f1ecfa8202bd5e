/** backtest-surges: what a run over recorded reviews would have raised, as a document and as a page. Pure. */
export { type Explanation, type ProductSeries, type SeenReview, SurgeCollector } from './collect.js';
export { type BacktestDocument, type BacktestSurge, documentOf } from './document.js';
export { type ChartInput, surgeChart } from './chart.js';
export { type ReportInput, htmlReport } from './report.js';
