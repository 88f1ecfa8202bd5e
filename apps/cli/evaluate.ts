/** `tidewatch evaluate`: what the product promises, measured again by anyone; each part registers itself. */
import type { Command } from 'commander';
import { registerEvaluateAblations } from './evaluate-ablations.js';
import { registerEvaluateBrigading } from './evaluate-brigading.js';
import { registerEvaluateFamilies } from './evaluate-families.js';
import { registerEvaluateForecasts } from './evaluate-forecasts.js';
import { registerEvaluateReviews } from './evaluate-reviews.js';
import { registerEvaluateRivals } from './evaluate-rivals.js';
import { registerEvaluateHardAttention } from './evaluate-hard-attention.js';
import { registerEvaluateInjected } from './evaluate-injected.js';
import { registerEvaluateSurges } from './evaluate-surges.js';

export function registerEvaluate(program: Command): void {
  const evaluate = program.command('evaluate').description('measure what the product promises, on seeds and data of your own');
  registerEvaluateForecasts(evaluate);
  registerEvaluateReviews(evaluate);
  registerEvaluateFamilies(evaluate);
  registerEvaluateAblations(evaluate);
  registerEvaluateHardAttention(evaluate);
  registerEvaluateRivals(evaluate);
  registerEvaluateInjected(evaluate);
  registerEvaluateBrigading(evaluate);
  registerEvaluateSurges(evaluate);
}
