/** score-series: an anomaly score for a plain series of counts or values, and NAB's score of such scores. Pure. */
export { defaultSeriesSettings, type SeriesPoint, type SeriesSettings, scoreSeries } from './score-series.js';
export { type LabelledSeries, NAB_PROFILES, type NabProfile, nabReport, probationOf } from './nab.js';
