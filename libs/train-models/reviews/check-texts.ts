/** Whether there is enough to learn from and to judge by; before the long work, in words. */
import { scoredText, TidewatchError } from '#contracts';
import type { Prepared } from './prepare.js';

/** Texts of each class in each part. Fewer decide nothing. */
const FEWEST = 5;

/** @throws INPUT_FILE_INVALID */
export function requireTrainable({ train, dev, negative, texts, files }: Pick<Prepared, 'train' | 'dev' | 'negative' | 'texts' | 'files'>): void {
  const from = files.map(({ file }) => file).join(', ');
  for (const [name, places] of [['to train on', train], ['of the dev set, by which the training is judged,', dev]] as const) {
    const negatives = places.filter((i) => negative[i]).length;
    const others = places.length - negatives;
    if (Math.min(negatives, others) >= FEWEST) continue;
    throw new TidewatchError('INPUT_FILE_INVALID', `Of ${from}, the ${places.length} texts ${name} hold ${negatives} negative ones (1 or 2 stars) and ${others} others; at least ${FEWEST} of each are needed. Eight tenths by time are trained on, the tenth behind them is the dev set: give more reviews, over a longer time.`);
  }
  const first = scoredText(texts[train[0]!]!);
  if (train.every((i) => scoredText(texts[i]!) === first)) throw new TidewatchError('INPUT_FILE_INVALID', `All ${train.length} texts of ${from} are the same ("${first.slice(0, 40)}"): there is nothing to learn. Is the right column named with --map text=...?`);
}
