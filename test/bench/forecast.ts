/**
 * The forecast stage alone, without the model: processor time a bar for observing, settling and forecasting at five horizons.
 * Usage: node dist/test/bench/forecast.js [--symbols 1] [--bars 20000] [--rounds 7]
 * With many symbols in turn, as in service, their states do not fit the processor's caches, which is dearer. Processor time, not
 * the clock's: it stays comparable where others use the machine. Garbage collection is included. The aim is 20 microseconds.
 */
import { parseArgs } from 'node:util';
import { freshForecastTracker, makeForecasts, observeQuote } from '../../libs/forecast-prices/index.js';
import { gaussianOutput, randomFrom, SETTINGS, walk } from '../../libs/forecast-prices/testing.js';

const { values } = parseArgs({ options: { symbols: { type: 'string', default: '1' }, bars: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '7' } } });
const symbols = Number(values.symbols);
const random = randomFrom(7);
const quotes = walk(Array.from({ length: Math.ceil(Number(values.bars) / symbols) }, () => random.normal() * 0.001)).map((quote) => ({ ...quote, open: quote.close, high: quote.close * 1.001, low: quote.close * 0.999, volume: 1000 }));
const output = gaussianOutput();
/** Nothing is kept but the trackers. A warm-up that keeps what it gets lets V8 place later rounds' objects among the old ones, at twice the time. */
function round(): number {
  const from = process.cpuUsage();
  const trackers = Array.from({ length: symbols }, () => freshForecastTracker(SETTINGS));
  for (const quote of quotes) {
    for (let s = 0; s < symbols; s += 1) {
      const seen = observeQuote(SETTINGS, trackers[s]!, quote);
      if (seen.kind === 'bar') trackers[s] = makeForecasts(SETTINGS, seen.tracker, quote, output, 'bench').tracker;
    }
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / (quotes.length * symbols);
}

for (let warmUp = 0; warmUp < 2; warmUp += 1) round();
const times = Array.from({ length: Number(values.rounds) }, round).sort((a, b) => a - b);
console.log(`${times[times.length >> 1]!.toFixed(1)} microseconds a bar of ${symbols} symbol${symbols === 1 ? '' : 's'} (median of ${times.length} runs over ${quotes.length * symbols} bars; ${times[0]!.toFixed(1)} to ${times.at(-1)!.toFixed(1)})`);
