/** A thread of `evaluate surges` and `calibrate surges`: one task in, its row out. */
import { parentPort } from 'node:worker_threads';
import { logDispersion, measureAlarms, measureDelay, measureKnown, type ProofTask, type SurgeCell } from '../../libs/detect-surge/simulation.js';

export type SurgeWork =
  | { readonly kind: 'proof'; readonly task: ProofTask }
  | { readonly kind: 'alarms'; readonly cell: SurgeCell }
  | { readonly kind: 'dispersion'; readonly rate: number; readonly size: number; readonly seed: number };

parentPort!.on('message', (work: SurgeWork) => {
  parentPort!.postMessage(rowOf(work));
});

function rowOf(work: SurgeWork): unknown {
  if (work.kind === 'dispersion') return logDispersion(work.rate, work.size, work.seed);
  if (work.kind === 'alarms') return measureAlarms(work.cell);
  const { kind, cell, ratio, runs, horizon } = work.task;
  if (kind === 'known') return measureKnown(cell, ratio!, runs!, horizon!);
  return kind === 'delay' ? measureDelay(cell, ratio!, runs!, horizon!) : measureAlarms(cell);
}
