/**
 * What the settled forecasts allow to be said, in the words of tidewatch.coverage_alerts (a tolerance of three points, beyond what
 * chance allows) and tidewatch.forecast_skill (a Diebold-Mariano test against the walk with Student-t errors): those of Grafana.
 */
import { percent } from '../lib/format.js';

const BAND_KINDS = { 'too narrow': 'narrow', 'too wide': 'wide', 'within tolerance': 'held', 'too few': 'few' };

/** `kind`: 'few' | 'held' | 'narrow' | 'wide' */
export const bandWords = ({ coverage_words: words }) => ({ kind: BAND_KINDS[words], text: words === 'too few' ? 'too few yet' : words });

/** `kind`: 'few' | 'none' | 'level' | 'some' */
export function skillWords({ skill, verdict: tested }) {
  if (skill === null || tested === null || tested === 'too few') return { kind: 'few', text: 'too few yet' };
  if (tested === 'level') return { kind: 'level', text: 'level' };
  return tested === 'better' ? { kind: 'some', text: `${percent(skill, 1)} better` } : { kind: 'none', text: `${percent(-skill, 1)} worse` };
}

/** One sentence for a symbol. */
export function verdict(coverage) {
  if (coverage.length === 0) return 'No forecast has been settled yet: nothing can be said about these bands.';
  const bands = coverage.map((row) => bandWords(row).kind);
  const skills = coverage.map((row) => skillWords(row).kind);
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
