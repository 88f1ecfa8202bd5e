/** A thread of `tidewatch evaluate rivals`: a cell's plan in, its figures out. */
import { parentPort } from 'node:worker_threads';
import { type CellPlan, compareCell } from './rivals-cell.js';

parentPort!.on('message', (plan: CellPlan) => parentPort!.postMessage(compareCell(plan)));
