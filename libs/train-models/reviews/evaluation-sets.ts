/**
 * What a review model is judged on: the dev tenth of each stream (for choices), or its newest tenth (the test, to be
 * looked at once per released model), and SST's dev sentences, which nothing trains on. Beside them the texts that a
 * rival may train on: the same that the model trains on.
 */
import { scoredText } from '#contracts';
import { logistic, binaryFigures } from '../metrics.js';
import { expectedCalibration } from '../expected-calibration.js';
import type { CalibrationFigures } from '../expected-calibration.js';
import { readSentences, readTexts } from './read-texts.js';
import type { LabelledText } from './read-texts.js';
import { splitByTime } from './split.js';

export interface EvaluationSet {
  readonly name: string;
  readonly texts: readonly string[];
  /** 1 for negative. */
  readonly labels: readonly number[];
  /** False for three stars, which two-sided figures leave out. */
  readonly clear: readonly boolean[];
}

export interface EvaluationData {
  readonly sets: readonly EvaluationSet[];
  readonly train: Pick<EvaluationSet, 'texts' | 'labels'>;
}

export function evaluationData(dataFolder: string, part: 'dev' | 'test'): EvaluationData {
  const { reviews, sentences } = readTexts(dataFolder);
  const parts = splitByTime(reviews);
  const streams = [...new Set(reviews.map(({ source }) => source))];
  const trained = [...reviews.filter((_, i) => parts[i] === 'train'), ...sentences];
  return {
    sets: [
      ...streams.map((source) => setOf(source, reviews.filter((review, i) => review.source === source && parts[i] === part))),
      setOf('sst2.dev', readSentences(dataFolder, 'sst2.dev')),
    ],
    train: setOf('train', trained),
  };
}

const setOf = (name: string, texts: readonly LabelledText[]): EvaluationSet => ({
  name, texts: texts.map(scoredText), labels: texts.map(({ negative }) => Number(negative)), clear: texts.map(({ rating }) => rating !== 3),
});

export interface EvaluationFigures {
  readonly texts: number;
  readonly negatives: number;
  /** Two-sided: three stars left out. */
  readonly accuracy: number;
  readonly auc: number;
  /** Half of accuracy's 95 % interval (normal approximation). */
  readonly accuracyWithin: number;
  /** The service's own question: negative against all others. */
  readonly averagePrecision: number;
  readonly logLoss: number;
  readonly calibration: CalibrationFigures;
}

/** logits: of each text, log odds of "negative". */
export function evaluate({ labels, clear }: EvaluationSet, logits: readonly number[]): EvaluationFigures {
  const kept = logits.map((_, i) => i).filter((i) => clear[i]);
  const all = binaryFigures(logits, labels);
  const { accuracy, auc } = binaryFigures(kept.map((i) => logits[i]!), kept.map((i) => labels[i]!));
  return {
    texts: all.texts, negatives: all.negatives, accuracy, auc, accuracyWithin: 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / kept.length),
    averagePrecision: all.averagePrecision, logLoss: all.logLoss, calibration: expectedCalibration(logits.map(logistic), labels),
  };
}
