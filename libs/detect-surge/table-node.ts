/** A node of the threshold table: one kind of simulated product. */
export interface TableNode {
  /** Negatives per day of the simulated product, negative binomial size of its days, and the over-dispersion that the detector measured. */
  readonly rate: number;
  readonly size: number | null;
  readonly dispersion: number;
  /** Log of the factor, one for each of BUDGET_DAYS. */
  readonly logs: readonly number[];
}
