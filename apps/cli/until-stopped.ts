/** What the training commands share: stopping on a signal, and reading whole numbers. */
import { TrainingStopped } from '#train-models';
import type { TrainingProgress } from '#train-models';
import { showProgress } from './train-progress.js';

/** Ctrl-C asks the training to stop at the next batch; it saves and says how to go on. */
export async function untilStopped(silent: boolean, work: (signal: AbortSignal, onProgress: (progress: TrainingProgress) => void) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const progress = showProgress(silent);
  try {
    await work(stop.signal, progress.show);
  } catch (error) {
    if (!(error instanceof TrainingStopped)) throw error;
    progress.end();
    console.error(error.message);
    process.exitCode = 130;
  } finally {
    progress.end();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(`${option} is ${text}; give a whole number from ${least} to ${most}`);
  return value;
}
