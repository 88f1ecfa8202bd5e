/** What is green, orange and red, once for all dashboards. Colours are Grafana's named ones, which it adapts to light and dark. */
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

const GOOD = 'green';
const LOOK = 'orange';
const BAD = 'red';
const NEUTRAL = 'blue';

const steps = (first: string, ...rest: readonly (readonly [number, string])[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: first }, ...rest.map(([value, color]) => ({ value, color }))]);

export const informative = steps(NEUTRAL);
/** Anything above none asks for a look. */
export const noneIsGood = steps(GOOD, [1, LOOK]);
/** One is a fault already. */
export const oneIsBad = steps(GOOD, [1, BAD]);
/** Severity of a surge, 1 to 10. */
export const severity = steps(GOOD, [1, LOOK], [6, BAD]);
/** Seconds without a commit while messages wait; a worker leaves by itself at STALL_SECONDS, 120 by default. */
export const stall = steps(GOOD, [60, LOOK], [120, BAD]);
/** Share of actuals in the 90 % band. */
export const coverage90 = steps(BAD, [0.8, LOOK], [0.85, GOOD], [0.96, LOOK]);
/** 1 - score / score of the random walk: above 0 the model is the better. */
export const skill = steps(LOOK, [0, GOOD]);
