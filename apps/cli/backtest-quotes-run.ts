/**
 * The quotes of a file through the very serving path - decode, rounds of different symbols, quoteStep over the model's
 * batched step, settlement - without broker or database, and every settled forecast judged beside the baselines.
 */
import { basename } from 'node:path';
import type { EntityState, Forecast, Rejection, StreamMessage } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { contextOf, decodeQuotes, defaultDecodeSettings } from '#decode-events';
import { BASELINES, type BaselineName, type ForecastTracker, WalkForward } from '#forecast-prices';
import { openInputFile } from '#read-files';
import type { OpenModel } from '#serve-models';
import { scoreRounds } from '#score-with-state';
import { type QuoteResult, quoteStep } from '../quote-worker/quote-step.js';
import { splitDecoded } from '../stream-worker/split-decoded.js';
import { addQuoteScore, emptyQuoteScore, horizonFigures, judge, type Judged, type QuoteScore } from './backtest-quotes-score.js';
import { CoverageOverTime, type Fan, NewestBars } from './backtest-quotes-trace.js';
import { checkColumns, type FieldMap, messageBytes } from './feed-mapping.js';
import { offlineScoring } from './offline-quotes.js';
import { RefusedRows } from './refused-rows.js';

interface OneSymbol {
  readonly walk: WalkForward;
  /** Waiting forecasts by bar and horizon, with the baselines' as of their making. */
  readonly waiting: Map<string, { readonly forecast: Forecast; readonly judges: (actual: number) => Record<BaselineName, Judged | null> }>;
  readonly scores: QuoteScore[];
  readonly newest: NewestBars;
  bars: number;
}

/** Symbols whose fan is kept for the report. */
const FANS = 12;

export interface BacktestQuotes {
  readonly path: string;
  readonly map: FieldMap;
  readonly model: OpenModel;
  /** Forecasts made before are not scored; epoch ms. */
  readonly from: number;
  readonly now: number;
  readonly onProgress: (share: number, bars: number) => void;
  /** A line for the screen: rows that cannot be used. */
  readonly say: (line: string) => void;
}

export async function runBacktestQuotes({ path, map, model, from, now, onProgress, say }: BacktestQuotes) {
  const scoring = offlineScoring(model);
  const { stepper, forecast: { horizons, levels } } = scoring;
  const states = new Map<string, EntityState<ForecastTracker>>();
  const symbols = new Map<string, OneSymbol>();
  const pooled = horizons.map(emptyQuoteScore);
  const overTime = horizons.map(() => new CoverageOverTime());
  const told = new RefusedRows(say);
  let [bars, duplicates] = [0, 0];
  const refuse = ({ position, code, reason }: Rejection) => { told.add({ file: basename(path), line: Number(position.offset), code, reason }); };

  const file = await openInputFile(path);
  try {
    if (file.columns !== null) checkColumns('quotes', path, file.columns, map);
    for await (const rows of file.batches()) {
      for (const { line, fault } of rows) if (fault !== null) told.add({ file: basename(path), line, code: 'unreadable_row', reason: fault });
      const readable = rows.filter(({ fault }) => fault === null);
      const messages = readable.map((row): StreamMessage => ({ topic: 'quotes', partition: 0, offset: BigInt(row.line), key: null, timestamp: now, value: messageBytes('quotes', row, map) }));
      const { events, rejections } = splitDecoded(decodeQuotes(defaultDecodeSettings, messages));
      rejections.forEach(refuse);
      const scored = await scoreRounds(stepper, roundsByKey(events, (event) => event.symbol), states, scoring.fresh, quoteStep(scoring, contextOf(messages)));
      for (const [symbol, state] of scored.states) states.set(symbol, state);
      for (const result of scored.results) {
        if (result.kind === 'rejected') refuse(result.rejection);
        else if (result.kind === 'duplicate') duplicates += 1;
        else take(result);
      }
      onProgress(file.bytes === 0 ? 1 : file.bytesRead() / file.bytes, bars);
    }
  } finally {
    await file.close();
  }
  told.end();

  function take({ quote, forecasts, settlements }: Extract<QuoteResult, { kind: 'scored' }>): void {
    const { symbol, at } = quote.event;
    let own = symbols.get(symbol);
    if (own === undefined) symbols.set(symbol, (own = { walk: new WalkForward(horizons, levels, from), waiting: new Map(), scores: horizons.map(emptyQuoteScore), newest: new NewestBars(horizons.at(-1)!), bars: 0 }));
    const { walk, waiting, scores, newest } = own;
    newest.add(quote.event.close, forecasts);
    own.bars += 1;
    bars += 1;
    for (const settlement of settlements) {
      const key = `${settlement.bar}/${settlement.horizon}`;
      const made = waiting.get(key);
      waiting.delete(key);
      const k = horizons.indexOf(settlement.horizon);
      if (made === undefined || k < 0) continue;
      const judged = settlement.actual === null ? null : made.judges(settlement.actual);
      if (settlement.madeAt >= from) for (const to of [pooled[k]!, scores[k]!]) addQuoteScore(to, made.forecast, settlement, judged ?? ({} as Record<BaselineName, null>));
      if (settlement.madeAt >= from && settlement.covered90 !== null) overTime[k]!.add(settlement.madeAt, settlement.covered90);
      if (settlement.actual !== null) walk.settle(k, settlement.actual, made.forecast.baselineSigma);
    }
    if (quote.logReturn !== null && quote.breakReason === null) walk.learn(quote.logReturn, at);
    for (const forecast of forecasts) {
      const k = horizons.indexOf(forecast.horizon);
      const of = Object.fromEntries(BASELINES.map((name) => [name, at >= from ? walk.forecast(name, k, forecast.baselineSigma) : null]));
      waiting.set(`${forecast.bar}/${forecast.horizon}`, {
        forecast,
        judges: (actual) => Object.fromEntries(BASELINES.map((name) => [name, judge(of[name] ?? null, actual)])) as Record<BaselineName, Judged | null>,
      });
    }
  }

  return {
    modelId: model.manifest.modelId, bars, symbols: symbols.size, duplicates, rejected: told.byCode,
    from: Number.isFinite(from) ? new Date(from).toISOString() : null,
    horizons: pooled.map(horizonFigures),
    coverageOverTime: horizons.map((horizon, k) => ({ horizon, spans: overTime[k]!.spans() })),
    fans: [...symbols].sort(([a], [b]) => (a < b ? -1 : 1)).map(([symbol, { newest }]) => newest.fan(symbol)).filter((fan): fan is Fan => fan !== null).slice(0, FANS),
    perSymbol: [...symbols].sort(([a], [b]) => (a < b ? -1 : 1)).map(([symbol, { bars: own, scores }]) => ({ symbol, bars: own, horizons: scores.map(horizonFigures) })),
  };
}
export type QuoteDocument = Awaited<ReturnType<typeof runBacktestQuotes>>;
