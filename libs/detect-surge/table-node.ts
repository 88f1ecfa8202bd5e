/** A node of the threshold table: one kind of simulated product. */
export interface TableNode {
  /** Negatives per day of the simulated product, and the over-dispersion that the detector measured of it (geometric mean over time). */
  readonly rate: number;
  readonly dispersion: number;
  /** Log of the factor on the threshold theory's constant, one for each of BUDGET_DAYS. */
  readonly logs: readonly number[];
}
