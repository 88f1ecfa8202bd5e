/** What the card says of a training, in words. */
import type { BaseModel } from './base-model.js';
import type { ReviewModelCard } from './card.js';
import type { LearntHistories } from './learn-histories.js';
import type { Prepared } from './prepare.js';
import type { TrainingTexts } from './read-texts.js';
import type { TrainedEncoder } from './train-encoder.js';
import { WORD_VECTORS } from './word-vectors.js';

const LIMITS: readonly string[] = [
  'Stars are the label: 1 and 2 count as negative. People give stars that contradict their words (app reviews are full of it), so no model reaches certainty there.',
  'Irony, quotations and comparisons with another product are often misread. Very short texts carry little: their score is close to a guess.',
  'Of texts beyond the token limit only the head and the tail are read.',
  'The test reviews are the newest of the same streams, not of new ones; the row "products never seen" is the nearest to a new product.',
  'Most training products have few reviews, so what history adds is learnt from a handful of busy ones.',
  'The weights of words say where the encoder looked; how far the score rests on them is measured below, on average and not for each text.',
];

const SPLIT = 'By time within each stream: the newest tenth is the test, the tenth before it the dev set. One product in twenty (by hash, in streams of several products) is kept out of training and reported on its own. Half of the titled training reviews are read without their title, and titles are texts of their own besides.';

export interface TrainingOrigin {
  readonly texts: TrainingTexts;
  readonly base: BaseModel | null;
  readonly maxTokens: number;
}

export function describe({ texts, base, maxTokens }: TrainingOrigin, data: Prepared, encoder: TrainedEncoder, history: LearntHistories): Pick<ReviewModelCard, 'split' | 'training' | 'limits'> {
  return {
    split: `${SPLIT} Epochs and calibration are judged by the dev reviews${texts.judged.length === 0 ? '' : ` and by ${texts.judged.length} sentences of ${texts.judged[0]!.source}`}, each source with the weight of the root of its number.`,
    training: {
      ...(base === null
        ? { 'words that start from word vectors': data.start === null ? 'none: from scratch' : `${data.start.known} (${WORD_VECTORS.package} ${WORD_VECTORS.version}; ${WORD_VECTORS.licence})` }
        : { 'went on from': base.modelId }),
      'encoder epochs': encoder.epochs, 'encoder dev log loss': encoder.devLoss.toFixed(4), 'weight of a negative text in the loss': encoder.negativeWeight.toFixed(2),
      ...(encoder.ended === null ? {} : { 'encoder ended early': encoder.ended }),
      'history epochs': history.epochs, 'dev log loss: text alone': history.dev.text.toFixed(4), 'with history': history.dev.verdict.toFixed(4), 'share of what history adds': history.dev.share, 'of the expectation': history.dev.expectation.toFixed(4),
      'tokens blanked while the history part learns': history.blanks, 'training tokens/s': Math.round(encoder.tokensPerSecond), 'tokens read of a text at most': base?.spec.maxTokens ?? maxTokens,
    },
    limits: [texts.about, ...LIMITS],
  };
}
