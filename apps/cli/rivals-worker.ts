/** A thread of `tidewatch evaluate rivals`: a cell's plan in, its figures out; with a piece of the detector, that piece's. */
import { parentPort } from 'node:worker_threads';
import { ablate } from './rivals-ablation.js';
import { type CellPlan, compareCell } from './rivals-cell.js';

export interface RivalsWork {
  readonly plan: CellPlan;
  readonly piece?: string;
}

parentPort!.on('message', ({ plan, piece }: RivalsWork) => parentPort!.postMessage(piece === undefined ? compareCell(plan) : ablate(plan, piece)));
