/** What a long training says while it runs; the CLI shows it, tests listen to it. */
export interface TrainingProgress {
  readonly phase: 'read' | 'encoder' | 'linear' | 'history' | 'train' | 'test' | 'write';
  readonly message: string;
  /** Share of the phase that is done, 0..1. */
  readonly done: number;
  readonly loss: number | null;
  readonly devLoss: number | null;
  readonly tokensPerSecond: number | null;
  readonly secondsLeft: number | null;
}
export type OnProgress = (progress: TrainingProgress) => void;

/** Thrown when the training was asked to stop; everything needed to go on has been written. */
export class TrainingStopped extends Error {
  override readonly name = 'TrainingStopped';
}
