/** Quotes made for benches, and what the engine does with them from memory on one thread: with the forecast stage, and the model's steps alone. */
import type { EntityState, OutgoingMessage, QuoteEvent } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { forecastSettings, forecastTrackerCodec, type ForecastTracker, freshForecastTracker, randomFrom, summarizeForecast } from '#forecast-prices';
import { openModel } from '#run-onnx';
import { freshState, type KeyedStep, scoreRounds, storeState } from '#score-with-state';
import { quoteStep } from '../../../apps/quote-worker/quote-step.js';

const BAR_MS = 300_000;
const START = Date.UTC(2025, 0, 6);
/** As many messages as a commit of the worker takes. */
const BATCH = 4_096;

export interface BenchQuotes { readonly events: readonly QuoteEvent[]; readonly messages: readonly OutgoingMessage[] }

/** Bar after bar of all symbols, every five minutes around the clock, with OHLC and volume. */
export function sampleQuotes({ symbols, bars, seed }: { symbols: number; bars: number; seed: number }): BenchQuotes {
  const random = randomFrom(seed);
  const prices = Array.from({ length: symbols }, () => 100);
  const events: QuoteEvent[] = [];
  const messages: OutgoingMessage[] = [];
  for (let bar = 0; bar < bars; bar += 1) {
    for (let s = 0; s < symbols; s += 1) {
      const open = prices[s]!;
      const close = (prices[s]! *= Math.exp(0.001 * random.normal()));
      const [high, low] = [Math.max(open, close) * 1.0005, Math.min(open, close) * 0.9995];
      const quote = { symbol: `S${String(s).padStart(4, '0')}`, at: START + bar * BAR_MS, open, high, low, close, volume: Math.floor(1_000 * (1 + random.uniform())), interval: '5m' };
      events.push({ kind: 'quote', position: { topic: 'bench', partition: 0, offset: BigInt(events.length) }, bid: null, ask: null, extra: null, ...quote });
      messages.push({ key: quote.symbol, value: JSON.stringify({ ...quote, at: new Date(quote.at).toISOString() }) });
    }
  }
  return { events, messages };
}

/** Bars per second: 'model' steps every symbol's state with features that are there already, 'engine' also makes the features, settles and forecasts. */
export async function quoteEngineAlone({ events }: BenchQuotes, folder: string, what: 'model' | 'engine'): Promise<{ perSecond: number; stateBytes: number }> {
  const model = await openModel(folder, { encoderThreads: 1 });
  const { stepper, manifest } = model;
  const forecast = forecastSettings(manifest);
  const fresh = (symbol: string) => freshState(symbol, stepper, 0n, freshForecastTracker(forecast));
  const states = new Map<string, EntityState<ForecastTracker>>();
  const features = new Float32Array(stepper.featureSize).fill(0.1);
  const modelAlone: KeyedStep<QuoteEvent, ForecastTracker, unknown> = {
    entityOf: ({ symbol }) => symbol, at: ({ at }) => at, labelOf: () => null,
    prepare: (_event, { tracker }) => ({ kind: 'step', features, tracker }),
    finish: (_event, tracker, outputs) => ({ tracker, result: outputs['quantiles']![0]! }),
  };
  const whole = quoteStep({ stepper, codec: forecastTrackerCodec, forecast, fresh, summarize: summarizeForecast }, () => { throw new Error('no quote of the bench is refused'); });
  const begun = performance.now();
  for (let at = 0; at < events.length; at += BATCH) {
    const rounds = roundsByKey(events.slice(at, at + BATCH), ({ symbol }) => symbol);
    const scored = await (what === 'model' ? scoreRounds(stepper, rounds, states, fresh, modelAlone) : scoreRounds(stepper, rounds, states, fresh, whole));
    for (const [symbol, state] of scored.states) states.set(symbol, state);
  }
  const seconds = (performance.now() - begun) / 1000;
  const sizes = [...states.values()].map((state) => { const { hidden, tracker } = storeState(state, forecastTrackerCodec, {}); return hidden.length + tracker.length; });
  await model.close();
  return { perSecond: events.length / seconds, stateBytes: Math.max(...sizes) };
}
