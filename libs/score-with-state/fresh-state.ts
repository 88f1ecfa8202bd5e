/** The state of an entity before its first event: zeros, version 0, and the shared snapshot it starts from. */
import type { EntityState, StateStepper, StateTensorSpec } from '#contracts';

/** Number of values of one key in a state tensor; 1 for a scalar. */
export function sizeOfTensor(tensor: Pick<StateTensorSpec, 'shape'>): number {
  return tensor.shape.reduce((product, dimension) => product * dimension, 1);
}

export function freshState<T>(
  entity: string,
  stepper: Pick<StateStepper, 'modelId' | 'tensors'>,
  snapshotId: bigint,
  tracker: T,
): EntityState<T> {
  const hidden = Object.fromEntries(stepper.tensors.map((tensor) => [tensor.name, new Float32Array(sizeOfTensor(tensor))]));
  return { entity, version: 0n, modelId: stepper.modelId, snapshotId, label: null, lastEventAt: null, hidden, tracker };
}
