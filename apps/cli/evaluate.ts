/** `tidewatch evaluate`: proofs that anyone can run again; each registers itself. */
import type { Command } from 'commander';
import { registerEvaluateSurges } from './evaluate-surges.js';

export function registerEvaluate(program: Command): void {
  registerEvaluateSurges(program.command('evaluate').description('measure what the product promises, on seeds and data of your own'));
}
