/**
 * `tidewatch forecast SYMBOL`: the newest forecast of a symbol as joint sample paths, so that "will it touch 95 within 10 bars"
 * has an answer. The paths' correlations are estimated from the symbol's settled forecasts, read here, rather than kept in its
 * state: they are wanted only when someone asks, and a bar would have to carry and store them each time.
 */
import type { Command } from 'commander';
import { Client } from 'pg';
import { TidewatchError } from '#contracts';
import { requireDatabase } from '../stream-worker/require-database.js';
import { positive } from './calibrate.js';
import { type ForecastAnswer, pathAnswer } from './forecast-answer.js';
import { newestForecast, settledPits } from './forecast-rows.js';
import { settingsOfRun } from './running.js';

interface Flags { readonly paths: number; readonly touch?: number; readonly within?: number; readonly seed: number; readonly json?: true }

const HELP = `
Examples:
  $ npm run tidewatch -- forecast ACME --paths 10000
  $ npm run tidewatch -- forecast ACME --touch 95 --within 10

--touch answers for closes: a price that is reached and left again between two bars is not counted. The band beside the share is
what the number of paths leaves open (95 %), not the model's own error. --json prints
{ symbol, at, close, horizons: [{ horizon, q05, q25, q50, q75, q95 }], correlations, settledBars, paths, touch }.`;

export function registerForecast(program: Command): void {
  program.command('forecast').argument('<symbol>', 'ticker symbol')
    .description('the newest forecast of a symbol as joint sample paths: where it may go, and how likely a price is touched')
    .option('--paths <number>', 'sample paths', positive, 10_000)
    .option('--touch <price>', 'how likely a close reaches this price', positive)
    .option('--within <bars>', 'bars for --touch; the longest horizon unless given', positive)
    .option('--seed <number>', 'seed of the paths', positive, 1)
    .option('--json', 'print the document as JSON')
    .addHelpText('after', HELP)
    .action(forecast);
}

async function forecast(symbol: string, { paths, touch, within, seed, json }: Flags): Promise<void> {
  const client = new Client({ connectionString: requireDatabase(settingsOfRun()) });
  await client.connect();
  try {
    const newest = await newestForecast(client, symbol);
    if (newest === null) throw new TidewatchError('SETTING_INVALID', `there is no forecast of ${symbol}: the names in use are in tidewatch.forecast_coverage; a new symbol gets its first forecast after some ten bars.`);
    const answer = pathAnswer(newest, await settledPits(client, symbol, newest.horizons), { paths: Math.round(paths), touch: touch ?? null, within: within ?? null, seed });
    console.log(json === true ? JSON.stringify(answer, null, 2) : summary(answer));
  } finally {
    await client.end();
  }
}

function summary({ symbol, at, close, horizons, paths, settledBars, touch }: ForecastAnswer): string {
  const price = (x: number) => x.toPrecision(6);
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  return [
    `${symbol} at ${at}, close ${price(close)}; ${paths} paths, tied together as in ${settledBars} settled bars.`,
    ...horizons.map((h) => `  ${String(h.horizon).padStart(3)} ahead: 90 % between ${price(h.q05)} and ${price(h.q95)}, 50 % between ${price(h.q25)} and ${price(h.q75)}, median ${price(h.q50)}`),
    ...(touch === null ? [] : [`A close ${touch.price >= close ? 'at or above' : 'at or below'} ${touch.price} within ${touch.within} bars: ${percent(touch.share)} of the paths (${percent(touch.low)} to ${percent(touch.high)}).`]),
  ].join('\n');
}
