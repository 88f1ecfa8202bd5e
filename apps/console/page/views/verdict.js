/**
 * What the settled forecasts allow to be said, in words. A coverage counts as off only where it lies outside two standard
 * errors of the stated one; forecasts h bars ahead overlap, so about n/h of n count as independent.
 */
import { percent } from '../lib/format.js';

const FEWEST = 20;
/**
 * Spread of CRPS(walk) - CRPS(model) of one forecast, as a part of the mean CRPS: 0.08 to 0.22 on the simulated symbols.
 * A skill within two standard errors of zero is called level.
 */
const SPREAD = 0.2;

/** 'few' | 'held' | 'narrow' | 'wide' */
export function judgeCoverage(stated, achieved, forecasts, horizon) {
  const independent = forecasts / Math.max(horizon, 1);
  if (achieved === null || independent < FEWEST) return 'few';
  const error = 2 * Math.sqrt((stated * (1 - stated)) / independent);
  if (achieved < stated - error) return 'narrow';
  return achieved > stated + error ? 'wide' : 'held';
}

export const COVERAGE_WORDS = { few: 'too few yet', held: 'as stated', narrow: 'too narrow', wide: 'too wide' };

export function skillWords(skill, forecasts, horizon) {
  const independent = forecasts / Math.max(horizon, 1);
  if (skill === null || independent < FEWEST) return { kind: 'few', text: 'too few yet' };
  if (skill <= 0) return { kind: 'none', text: 'no skill yet' };
  if (skill < (2 * SPREAD) / Math.sqrt(independent)) return { kind: 'level', text: 'level' };
  return { kind: 'some', text: `${percent(skill, 1)} better` };
}

/** One sentence for a symbol. */
export function verdict(coverage) {
  if (coverage.length === 0) return 'No forecast has been settled yet: nothing can be said about these bands.';
  const bands = coverage.map((row) => judgeCoverage(0.9, row.coverage90, row.forecasts, row.horizon));
  const skills = coverage.map((row) => skillWords(row.skill, row.forecasts, row.horizon).kind);
  const off = bands.includes('narrow') ? 'Some 90 % bands are too narrow' : bands.includes('wide') ? 'Some 90 % bands are too wide' : bands.every((kind) => kind === 'few') ? 'Too few settled forecasts to judge the bands' : 'The 90 % bands hold as stated';
  const skill = skills.includes('some') ? (skills.every((kind) => kind === 'some') ? 'better than a random walk' : 'better than a random walk at some horizons') : skills.every((kind) => kind === 'few') ? 'skill not known yet' : 'no skill against a random walk yet';
  return `${off}; ${skill}.`;
}

/** What the medians allow to be said about direction; `direction`: rows of tidewatch.forecast_direction of one symbol. */
export function directionWords(direction) {
  const looked = Math.max(0, ...(direction ?? []).map((row) => row.forecasts));
  if (looked === 0) return '';
  const claimed = direction.filter((row) => row.claimed).map((row) => `+${row.horizon}`);
  if (claimed.length === 0) return `No directional skill in the last ${looked} forecasts: the bands tell how far, not which way.`;
  return `Directional skill in the last ${looked} forecasts ${claimed.join(', ')} bars ahead; none shown at the other horizons.`;
}
