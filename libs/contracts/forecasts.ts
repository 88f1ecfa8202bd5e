/** Forecasts and how they are settled (design section 8). Quantiles are of the log return from `close` to the target bar's close. */
export interface Forecast {
  readonly symbol: string;
  /** Number of the bar (of this symbol) the forecast was made at, from 1. */
  readonly bar: bigint;
  readonly madeAt: number;
  /** Close of that bar: the price the returns start from. */
  readonly close: number;
  /** Bars ahead. */
  readonly horizon: number;
  readonly levels: readonly number[];
  /** Log-return quantiles after and before the online conformal correction, ascending, one per level; numbers of 32 bits, as they are stored. */
  readonly corrected: readonly number[];
  readonly raw: readonly number[];
  /** EWMA(0.94) volatility of a bar times sqrt(horizon): scale of the random-walk baselines. */
  readonly baselineSigma: number;
  readonly modelId: string;
}

export interface Settlement {
  readonly symbol: string;
  readonly bar: bigint;
  readonly madeAt: number;
  readonly horizon: number;
  /** Event time of the settling bar; `status` 'unsettled' when it never came. */
  readonly settledAt: number;
  readonly status: 'settled' | 'unsettled';
  readonly reason: string | null;
  /** Realised log return; null when unsettled. The scores too. */
  readonly actual: number | null;
  /** Corrected median of the log return; null also where the model gives no median. */
  readonly median: number | null;
  /** Mean pinball loss over the levels, of the corrected quantiles. */
  readonly pinball: number | null;
  readonly crps: number | null;
  /** Probability integral transform: share of the forecast below the actual, 0 to 1. */
  readonly pit: number | null;
  readonly covered50: boolean | null;
  readonly covered80: boolean | null;
  readonly covered90: boolean | null;
  readonly covered95: boolean | null;
  readonly covered99: boolean | null;
  /** 90 % band before the correction. */
  readonly rawCovered90: boolean | null;
  /** CRPS of the random walk with EWMA volatility: Gaussian, and Student-t. */
  readonly crpsGaussian: number | null;
  readonly crpsStudentT: number | null;
}
