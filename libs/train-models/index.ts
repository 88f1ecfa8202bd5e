/**
 * Training: data to model folder, by gradient graphs in ONNX Runtime. What is generic (Adam, metrics, checkpoints, progress)
 * is for every model; reviews/ trains the review model, quotes/ the quote model.
 */
export { adamUpdate, scheduledRate } from './adam.js';
export type { Moments } from './adam.js';
export { dropCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';
export type { Checkpoint } from './checkpoint.js';
export { binaryFigures, fitCalibration, logistic, logLossOf } from './metrics.js';
export type { BinaryFigures } from './metrics.js';
export { TrainingStopped } from './progress.js';
export type { OnProgress, TrainingProgress } from './progress.js';
export { behaviourCases, behaviourFigures } from './reviews/behaviour.js';
export { completeCard } from './reviews/card.js';
export type { JudgedModel, ReviewModelCard } from './reviews/card.js';
export { faithfulness } from './reviews/faithfulness.js';
export { readBaseModel } from './reviews/base-model.js';
export type { BaseModel } from './reviews/base-model.js';
export { defaultTrainReviews, GOING_ON, trainReviews } from './reviews/train-reviews.js';
export type { TrainReviewsOptions } from './reviews/train-reviews.js';
export { evaluate, evaluationData } from './reviews/evaluation-sets.js';
export type { EvaluationFigures } from './reviews/evaluation-sets.js';
export { ablate, ABLATIONS } from './reviews/ablations.js';
export type { AblationFigures } from './reviews/ablations.js';
export { compareReadings, readingsAsMarkdown, writeHardModel } from './reviews/hard-attention.js';
export type { ReadingFigures } from './reviews/hard-attention.js';
export { judgeFamily } from './reviews/families.js';
export type { FamilyFigures } from './reviews/families.js';
export { parseLeftOut } from './reviews/leave-out.js';
export { TRAINING_SOURCES, trainingTexts } from './reviews/read-texts.js';
export type { DataFile, LabelledText, TrainingTexts } from './reviews/read-texts.js';
export { trainTfidf } from './tfidf.js';
export { WORD_VECTORS } from './reviews/word-vectors.js';
export type { QuoteCard } from './quotes/card.js';
export { QUOTE_FILES, type QuoteFile, type QuoteRows, readQuoteFile } from './quotes/read-quotes.js';
export { defaultTrainQuotes, trainQuotes } from './quotes/train-quotes.js';
export type { TrainQuotesOptions } from './quotes/train-quotes.js';
