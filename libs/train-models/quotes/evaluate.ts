/**
 * Runs a state.onnx over whole files exactly as it is served - observeQuote, one step of the model for all symbols'
 * next bars, makeForecasts - and sums up the settlements of the forecasts made in a window of time.
 * States start at zero at each symbol's first bar; nothing is fitted here, the conformal correction learns as in service.
 */
import ort from 'onnxruntime-node';
import type { Forecast, Settlement } from '#contracts';
import {
  coveredBy, crpsFromQuantiles, FEATURE_SIZE, type ForecastSettings, freshForecastTracker, makeForecasts, observeQuote,
} from '#forecast-prices';
import { QUIET_SESSION } from './lanes.js';
import type { Series } from './series.js';
import { addScore, BANDS, emptyScore, mergeScores, type RawScore, type Score } from './scores.js';

export interface StateShape {
  readonly name: string;
  readonly next: string;
  readonly shape: readonly number[];
}

export interface Window {
  /** Bar indices: forecasts made at from..to, the last of them settled before `to`. */
  readonly from: (series: Series) => number;
  readonly to: (series: Series) => number;
}

export interface GroupScore {
  readonly file: string;
  readonly horizon: number;
  readonly symbols: 'seen' | 'unseen';
  readonly score: Score;
  /** Ratio of CRPS to the Student-t walk's, per symbol. */
  readonly ratios: readonly number[];
}

export async function evaluate(
  model: Uint8Array, shapes: readonly StateShape[], settings: ForecastSettings, allSeries: readonly Series[], window: Window, onProgress: (done: number) => void,
): Promise<GroupScore[]> {
  const session = await ort.InferenceSession.create(model, QUIET_SESSION);
  const scores = new Map<string, { file: string; horizon: number; symbols: 'seen' | 'unseen'; bySymbol: Map<string, Score> }>();
  const files = [...new Set(allSeries.map((s) => s.file))];
  const total = allSeries.reduce((sum, s) => sum + s.bars, 0);
  let done = 0;
  for (const file of files) {
    const lanes = allSeries.filter((s) => s.file === file).map((series) => ({
      series,
      tracker: freshForecastTracker(settings),
      state: Object.fromEntries(shapes.map(({ name, shape }) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))])),
      made: new Map<string, Forecast>(),
    }));
    const longest = Math.max(...lanes.map((l) => l.series.bars));
    for (let t = 0; t < longest; t += 1) {
      const active = lanes.filter((l) => t < l.series.bars);
      const B = active.length;
      const features = new Float32Array(B * FEATURE_SIZE);
      active.forEach((lane, b) => {
        const { series, made } = lane;
        const seen = observeQuote(settings, lane.tracker, series.quotes[t]!);
        if (seen.kind !== 'bar') return;
        lane.tracker = seen.tracker;
        features.set(seen.features, b * FEATURE_SIZE);
        for (const settlement of seen.settlements) {
          const key = `${settlement.bar}/${settlement.horizon}`;
          const forecast = made.get(key);
          made.delete(key);
          if (forecast === undefined || t >= window.to(series)) continue;
          const group = `${file}/${settlement.horizon}/${series.heldOut ? 'unseen' : 'seen'}`;
          let into = scores.get(group);
          if (into === undefined) scores.set(group, (into = { file, horizon: settlement.horizon, symbols: series.heldOut ? 'unseen' : 'seen', bySymbol: new Map() }));
          into.bySymbol.set(series.symbol, addScore(into.bySymbol.get(series.symbol) ?? emptyScore(), settlement, rawScore(settings, forecast, settlement), forecast));
        }
      });
      const feeds: Record<string, ort.Tensor> = { features: new ort.Tensor('float32', features, [B, FEATURE_SIZE]) };
      for (const { name, shape } of shapes) {
        const size = shape.reduce((a, b) => a * b, 1);
        const data = new Float32Array(B * size);
        active.forEach((lane, b) => data.set(lane.state[name]!, b * size));
        feeds[name] = new ort.Tensor('float32', data, [B, ...shape]);
      }
      const results = await session.run(feeds);
      const quantiles = results['quantiles']!.data as Float32Array;
      const width = quantiles.length / B;
      active.forEach((lane, b) => {
        for (const { name, next } of shapes) {
          const data = results[next]!.data as Float32Array;
          const size = data.length / B;
          lane.state[name] = data.slice(b * size, (b + 1) * size);
        }
        const { tracker, forecasts } = makeForecasts(settings, lane.tracker, lane.series.quotes[t]!, quantiles.subarray(b * width, (b + 1) * width), 'evaluated');
        lane.tracker = tracker;
        if (t < window.from(lane.series) || t >= window.to(lane.series)) return;
        for (const forecast of forecasts) lane.made.set(`${forecast.bar}/${forecast.horizon}`, forecast);
      });
      done += B;
      if (t % 256 === 0) onProgress(done / total);
    }
  }
  await session.release();
  return [...scores.values()].map(({ file, horizon, symbols, bySymbol }) => ({
    file, horizon, symbols,
    score: [...bySymbol.values()].reduce(mergeScores, emptyScore()),
    ratios: [...bySymbol.values()].filter((s) => s.crpsStudentT > 0).map((s) => s.crps / s.crpsStudentT),
  }));
}

function rawScore(settings: ForecastSettings, forecast: Forecast, settlement: Settlement): RawScore | null {
  if (settlement.actual === null) return null;
  const y = settlement.actual;
  return { crps: crpsFromQuantiles(settings.levels, forecast.raw, y), covered: BANDS.map((mass) => coveredBy(settings.levels, forecast.raw, y, mass) ?? false) };
}
