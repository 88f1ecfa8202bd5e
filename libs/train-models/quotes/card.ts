/**
 * The model card: what the model was trained on, how it was tested, and what came out, the unfavourable included.
 * card.json holds the figures, card.md says them in words; both are made from the same object.
 */
import type { GroupScore } from './evaluate.js';
import { BANDS } from './scores.js';
import type { EpochRecord } from './training-state.js';

export interface CardFigures {
  readonly file: string;
  readonly horizon: number;
  readonly symbols: 'seen' | 'unseen';
  readonly forecasts: number;
  readonly unsettled: number;
  readonly pinball: number;
  readonly crps: number;
  /** Below 1: better than the walk. */
  readonly crpsToStudentT: number;
  readonly crpsToGaussian: number;
  readonly crpsRawToStudentT: number;
  /** Share of symbols with a lower CRPS than the Student-t walk, and the ratio of the worst. */
  readonly symbolsBetter: number;
  readonly worstSymbol: number;
  /** Absolute error of the median to that of "no change": directional skill only below 1. */
  readonly medianToNoChange: number;
  /** Mean width of the 90 % band, log return. */
  readonly width90: number;
  /** Share covered by the bands, as shown and before the correction. */
  readonly coverage: Readonly<Record<string, number>>;
  readonly coverageRaw: Readonly<Record<string, number>>;
}

export interface QuoteCard {
  readonly modelId: string;
  readonly purpose: string;
  /** Bars ahead. */
  readonly horizons: readonly number[];
  readonly seed: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly parameters: number;
  readonly data: readonly { readonly file: string; readonly sha256: string; readonly rows: number; readonly symbols: number; readonly heldOut: readonly string[]; readonly devFrom: string; readonly testFrom: string; readonly licence: string }[];
  readonly epochs: readonly (EpochRecord & { readonly chosen: boolean })[];
  readonly test: readonly CardFigures[];
  readonly stateSha256: string;
}

export function figuresOf({ file, horizon, symbols, score, ratios }: GroupScore): CardFigures {
  const shares = (counts: readonly number[]): Record<string, number> => Object.fromEntries(BANDS.map((band, i) => [String(band), round(counts[i]! / score.count)]));
  return {
    file, horizon, symbols, forecasts: score.count, unsettled: score.unsettled,
    pinball: round(score.pinball / score.count, 8),
    crps: round(score.crps / score.count, 8),
    crpsToStudentT: round(score.crps / score.crpsStudentT),
    crpsToGaussian: round(score.crps / score.crpsGaussian),
    crpsRawToStudentT: round(score.crpsRaw / score.crpsStudentT),
    symbolsBetter: round(ratios.filter((r) => r < 1).length / ratios.length),
    worstSymbol: round(Math.max(...ratios)),
    medianToNoChange: round(score.medianError / score.noChangeError),
    width90: round(score.width90 / score.count, 8),
    coverage: shares(score.covered),
    coverageRaw: shares(score.coveredRaw),
  };
}

const round = (value: number, digits = 4): number => Number(value.toFixed(digits));

export function cardText(card: QuoteCard): string {
  const percent = (share: number | undefined): string => ((share ?? Number.NaN) * 100).toFixed(1);
  const rows = card.test.map((f) =>
    `| ${f.file} | ${f.horizon} | ${f.symbols} | ${f.forecasts} | ${f.crpsToStudentT.toFixed(3)} | ${f.crpsToGaussian.toFixed(3)} | ${f.crpsRawToStudentT.toFixed(3)} | ${percent(f.symbolsBetter)} | ${f.worstSymbol.toFixed(3)} | ${f.medianToNoChange.toFixed(3)} | ${BANDS.map((b) => percent(f.coverage[String(b)])).join(' / ')} | ${BANDS.map((b) => percent(f.coverageRaw[String(b)])).join(' / ')} |`);
  const name = (f: CardFigures): string => `${f.file} ${f.horizon} bar${f.horizon === 1 ? '' : 's'} ahead (${f.symbols} symbols, ratio ${f.crpsToStudentT.toFixed(3)})`;
  const lost = card.test.filter((f) => f.crpsToStudentT >= 1);
  const undirected = card.test.filter((f) => f.medianToNoChange >= 0.995);
  return `# ${card.modelId}

${card.purpose}

State file sha256 \`${card.stateSha256}\`, seed ${card.seed}, ${card.parameters} parameters (${Object.entries(card.sizes).map(([k, v]) => `${k} ${v}`).join(', ')}).
Training settings: ${Object.entries(card.settings).map(([k, v]) => `${k} ${v}`).join(', ')}.

## Data

${card.data.map((d) => `- ${d.file}: ${d.rows} bars of ${d.symbols} symbols, sha256 \`${d.sha256}\`. Licence: ${d.licence}. Trained before ${d.devFrom}, dev until ${d.testFrom}, test from there. Never seen in training: ${d.heldOut.length} symbols (${d.heldOut.length > 12 ? `${d.heldOut.slice(0, 12).join(', ')}, ...` : d.heldOut.join(', ')}).`).join('\n')}

Split by time (70 / 10 / 20 % of the rows of each file, a bar whose target ${card.horizons.at(-1)!} bars ahead reaches over a border counts on neither side) and by symbol (about 20 % held out, of fewer than ten the last by name). The epoch was chosen on the dev part; the test part was run once, for this card.
Features come from observeQuote, so training saw what serving sees. Weights hold no data rows; none of the data is redistributed.

## Training

| epoch | train pinball | ${Object.keys(card.epochs[0]?.devRatio ?? {}).map((f) => `dev ${f}`).join(' | ')} | |
|---|---|${Object.keys(card.epochs[0]?.devRatio ?? {}).map(() => '---|').join('')}---|
${card.epochs.map((e) => `| ${e.epoch} | ${e.trainLoss.toFixed(5)} | ${Object.values(e.devRatio).map((l) => l.map((r) => r.toFixed(4)).join(' / ')).join(' | ')} | ${e.chosen ? 'chosen' : ''} |`).join('\n')}

Pinball loss: mean over the levels, in units of the forecast scale; measured with noise on the features, before each step. Dev: pinball loss in returns ${card.horizons.join(' / ')} bars ahead as a ratio to the EWMA(0.94) walk with Student-t errors, scale and degrees of freedom fitted on the training part of the file.

## Test

CRPS is exact for the distribution through the quantiles (exponential tails), baselines in closed form: random walk with EWMA(0.94) volatility, Gaussian and Student-t (5 degrees of freedom). Ratios below 1 beat the walk. "Raw" is before the online conformal correction. Coverage of the 50 / 80 / 90 / 95 / 99 % bands in percent.

| file | horizon | symbols | forecasts | CRPS / t walk | CRPS / Gaussian walk | raw CRPS / t walk | % of symbols better | worst symbol | median error / no change | coverage | coverage raw |
|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

## What it cannot do

- It ${lost.length === 0 ? 'beat the Student-t walk on average in every group above' : `does not beat the Student-t walk for: ${lost.map(name).join('; ')}`}. Where it does, the gain is in the size of moves, and single symbols can still be worse (see "worst symbol").
- Direction: the median is ${undirected.length === card.test.length ? 'nowhere better than "no change" by more than half a percent' : `no better than "no change" by more than half a percent in ${undirected.length} of ${card.test.length} groups`}. Differences of a few percent over one test period and one market are within what chance gives, as symbols move together; treat the model as having no directional skill.
- Neighbouring forecasts over several bars overlap and symbols of one market move together: the numbers of forecasts above overstate the evidence.
- Baselines with fitted degrees of freedom and GARCH are in "tidewatch backtest quotes", not here.
- The hidden state that is carried from bar to bar has not been found to earn its place on the files that the shipped model was trained on: a plain LSTM that sees the newest 64 bars only, and even the same network on the newest bar alone, came within 0.2 % of its CRPS one bar ahead on the dev part (docs/forecast-backtests.md, test/bench/carried-state). What carries over to good effect are the running volatilities, ranges and session in the features.
${card.test.some((f) => f.file === 'crypto_1min') ? '- Crypto was trained on about two days of four symbols: take its figures as anecdotes.\n' : ''}`;
}
