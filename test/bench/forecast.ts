/**
 * The forecast stage alone, without the model: processor time a bar for observing, settling and forecasting at five horizons.
 * Usage: node dist/test/bench/forecast.js [--bars 20000] [--rounds 7]
 * Processor time, not the clock's: it stays comparable where others use the machine. The aim is 20 microseconds.
 */
import { parseArgs } from 'node:util';
import { freshForecastTracker, makeForecasts, observeQuote } from '../../libs/forecast-prices/index.js';
import { gaussianOutput, randomFrom, runAll, SETTINGS, walk } from '../../libs/forecast-prices/testing.js';

const { values } = parseArgs({ options: { bars: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '7' } } });
const random = randomFrom(7);
const quotes = walk(Array.from({ length: Number(values.bars) }, () => random.normal() * 0.001)).map((quote) => ({ ...quote, open: quote.close, high: quote.close * 1.001, low: quote.close * 0.999, volume: 1000 }));
const output = gaussianOutput();
runAll(quotes.slice(0, 4_000)); // warm-up

const times = Array.from({ length: Number(values.rounds) }, () => {
  const from = process.cpuUsage();
  let tracker = freshForecastTracker(SETTINGS); // nothing else is kept, as in service
  for (const quote of quotes) {
    const seen = observeQuote(SETTINGS, tracker, quote);
    if (seen.kind === 'bar') tracker = makeForecasts(SETTINGS, seen.tracker, quote, output, 'bench').tracker;
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / quotes.length;
}).sort((a, b) => a - b);
console.log(`${times[times.length >> 1]!.toFixed(1)} microseconds a bar (median of ${times.length} runs over ${quotes.length} bars; ${times[0]!.toFixed(1)} to ${times.at(-1)!.toFixed(1)})`);
