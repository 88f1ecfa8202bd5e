/** Between stored rows of sources and what a batch carries of them. What another model's stars taught is forgotten: its log odds were others. */
import type { StoredSource } from '#contracts';
import { restoreSource, type SourceState, storeSource } from '#score-with-state';
import type { ReviewScoring } from './review-step.js';

type Parts = Pick<ReviewScoring, 'recalibrator' | 'stepper'>;

/** By place. */
export function restoreSources({ recalibrator, stepper }: Parts, stored: readonly StoredSource[]): ReadonlyMap<number, SourceState> {
  if (recalibrator === null) return new Map();
  return new Map(stored.filter(({ modelId }) => modelId === stepper.modelId).map((row) => [row.place, restoreSource(row, recalibrator.sourceTensors)]));
}

export const sourcesToCommit = ({ stepper: { modelId } }: Parts, sources: ReadonlyMap<number, SourceState>): StoredSource[] =>
  [...sources].map(([place, state]) => storeSource(place, state, modelId));
