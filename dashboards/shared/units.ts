/** Grafana's unit ids by what they stand for here. */
import * as units from '@grafana/grafana-foundation-sdk/units';

/** 0 to 1, shown as per cent. */
export const SHARE = units.PercentUnit;
export const COUNT = units.Short;
export const SECONDS = units.Seconds;
/** Text, prices and numbers of more than one kind. */
export const PLAIN = units.NoUnit;
