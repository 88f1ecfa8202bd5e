/** The detector's proof by simulation, for the commands that run it; the serving flow takes index.ts alone. */
export { type AlarmRow, burnInDays, type DelayRow, KNOWN_STEPS, type KnownRow, lordenDays, measureAlarms, measureDelay, measureKnown, poissonInterval, type SurgeCell } from './simulate-cell.js';
export { BUDGETS, type ProofTask, proofTasks } from './proof-grid.js';
export { CALIBRATION_ROUNDS, calibrationCell, calibrationKinds, firstTable, logDispersion } from './calibrate.js';
export { type Evidence, refineTable } from './refine-table.js';
export { BUDGET_DAYS } from './threshold.js';
export { type TableNode } from './table-node.js';
