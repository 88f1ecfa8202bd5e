import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { openModel } from '#run-onnx';
import { quotesReport } from './backtest-quotes-report.js';
import { runBacktestQuotes } from './backtest-quotes-run.js';

const folder = mkdtempSync(join(tmpdir(), 'backtest-quotes-'));
after(() => rmSync(folder, { recursive: true }));

/** Two symbols of 160 days; one is broken: a price of zero, a bar out of order, a repeated bar. */
function file(): string {
  const lines = ['symbol,timestamp,close,volume'];
  for (let day = 0; day < 160; day += 1) {
    const time = new Date(Date.UTC(2020, 0, 1 + day)).toISOString();
    for (const [symbol, k] of [['A', 1.7], ['B', 2.3]] as const) lines.push(`${symbol},${time},${(100 * Math.exp(0.02 * Math.sin(k * day * day))).toFixed(4)},1000`);
    if (day === 50) lines.push(`A,${time},0,1000`, `B,${new Date(Date.UTC(2019, 0, 1)).toISOString()},100,1`, lines.at(-1)!);
  }
  const path = join(folder, 'bars.csv');
  writeFileSync(path, lines.join('\n'));
  return path;
}

describe('tidewatch backtest quotes', () => {
  it('gives the figures of every horizon and symbol from the serving path, and counts what was not taken', async () => {
    const model = await openModel(resolve(import.meta.dirname, '../../../models/quotes-v2'), { encoderThreads: 1 });
    try {
      const said: string[] = [];
      const run = () => runBacktestQuotes({ path: file(), map: new Map(), model, from: Date.UTC(2020, 3, 20), now: Date.UTC(2025, 0, 1), onProgress: () => undefined, say: (line) => { said.push(line); } });
      const document = await run();
      assert.deepEqual(document, await run(), 'the same file gives the same document');
      assert.equal(document.bars, 320);
      assert.deepEqual(document.rejected, { price_not_positive: 1, late_quote: 1 });
      assert.equal(document.duplicates, 1);
      assert.match(said[0]!, /^bars\.csv:104 refused: .*0.* \(price_not_positive\)$/);
      assert.match(said[1]!, /^bars\.csv:105 refused: quote of 2019.* \(late_quote\)$/);
      assert.deepEqual(document.perSymbol.map((s) => s.symbol), ['A', 'B']);
      for (const h of document.horizons) {
        // bars 111 to 160 are on or after 20 April; the last h forecasts of each symbol have no target yet
        assert.equal(h.forecasts, 2 * (50 - h.horizon), `${h.horizon} ahead`);
        assert.equal(h.pit.reduce((a, b) => a + b, 0), h.forecasts);
        assert.deepEqual(Object.keys(h.coverage), ['0.5', '0.8', '0.9', '0.95', '0.99']);
        assert.ok(h.baselines['garchT']!.forecasts > 0 && h.baselines['ewmaStudentT']!.crps! > 0 && h.crps! > 0);
        assert.equal(document.perSymbol.reduce((sum, s) => sum + s.horizons.find((own) => own.horizon === h.horizon)!.forecasts, 0), h.forecasts);
      }
      for (const [k, { spans }] of document.coverageOverTime.entries()) {
        const own = document.horizons[k]!;
        assert.equal(spans.reduce((sum, span) => sum + span.forecasts, 0), own.forecasts);
        assert.ok(Math.abs(spans.reduce((sum, span) => sum + span.covered90 * span.forecasts, 0) / own.forecasts - own.coverage['0.9']!) < 1e-9);
        assert.ok(spans.length > 10 && spans.length <= 60 && spans.every((span, i) => i === 0 || span.from > spans[i - 1]!.from));
      }
      assert.deepEqual(document.fans.map(({ symbol, closes, at, bands }) => [symbol, closes.length, closes.length - 1 - at, bands.map(({ horizon }) => horizon)]), [['A', 80, 20, [1, 2, 5, 10, 20]], ['B', 80, 20, [1, 2, 5, 10, 20]]]);
      for (const { bands } of document.fans) for (const { prices } of bands) assert.deepEqual(prices, prices.toSorted((a, b) => a - b));
      const report = quotesReport('<bars>', document);
      assert.match(report, /&#60;bars&#62;/);
      for (const label of ['Fan of A', 'Fan of B', 'Coverage over time, 20 ahead', 'PIT histogram, 1 bars ahead']) assert.ok(report.includes(`aria-label="${label}"`), label);
      assert.doesNotMatch(report, /NaN|Infinity/);
    } finally {
      await model.close();
    }
  });
});
