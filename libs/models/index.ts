/**
 * Model definitions as graphs: the ONNX writer, layers with their gradient rules, the tokenizer and the review model.
 * Pure: nothing here runs a graph; run-onnx serves them, train-models trains them.
 */
export { Graph } from './onnx/graph.js';
export type { Attribute, Dimension, ElementType, FloatType, Value, Weights } from './onnx/graph.js';
export { readOnnx } from './onnx/read-model.js';
export type { OnnxAttribute, OnnxModel, OnnxNode, OnnxPort, OnnxTensor } from './onnx/read-model.js';
export * from './onnx/algebra.js';
export { dense, tanhLayer } from './layers/dense.js';
export type { DenseWeights } from './layers/dense.js';
export { lstm, lstmBiasStart, lstmOperator } from './layers/lstm.js';
export type { LstmArrays, LstmSizes, LstmWeights } from './layers/lstm.js';
export { MASKED, memoryAttention, softAttention } from './layers/attention.js';
export type { SoftAttentionWeights } from './layers/attention.js';
export { binaryCrossEntropy, pinball } from './layers/losses.js';
export { embeddingSum, gatherSums, scatterRows, toEightBits } from './layers/embedding-sum.js';
export type { RowGradients } from './layers/embedding-sum.js';
export { PAIR_BUCKETS, wordPairs, wordPairTerms } from './layers/word-pairs.js';
export type { WordPairWeights } from './layers/word-pairs.js';
export type { TokenSelection } from './layers/select-tokens.js';
export { largestGradientError, seededNumbers } from './gradient-check.js';
export type { NumberTensor, RunGraph } from './gradient-check.js';
export { bucketOf, createTokenizer, FIRST_WORD_ROW, normalForms, tableRows } from './tokenizer/tokenizer.js';
export type { TokenizedText, Tokenizer } from './tokenizer/tokenizer.js';
export { ENCODER_DIRECTIONS, ENCODER_SIZES, encoderGraph, encoderNetwork, encoderShapes, encoderTrainingGraph, itemSizeOf, LOGIT_LIMIT } from './reviews/encoder.js';
export type { EncoderSizes } from './reviews/encoder.js';
export { readerNetwork } from './reviews/readers.js';
export type { ReaderDesign } from './reviews/readers.js';
export type { TextNetwork } from './reviews/text-network.js';
export { HISTORY_SIZES, historyGraph, historySequenceGraph, historyShapes, historyTrainingGraph } from './reviews/history.js';
export type { HistorySizes } from './reviews/history.js';
export { recalibrator, WEIGHTS_BESIDE_VECTOR } from './reviews/recalibration.js';
export type { OnlineWeights, Recalibrate } from './reviews/recalibration.js';
export { readEncoder, readHistory } from './reviews/read-trained.js';
export type { EncoderNumbers } from './reviews/read-trained.js';
export { sizeOf, startParameters } from './reviews/parameters.js';
export type { Parameters, Shapes } from './reviews/parameters.js';
export { quoteBiasStart, quoteGraph, quoteShapes, quoteTrainingGraph } from './quote-forecaster.js';
export type { QuoteSizes } from './quote-forecaster.js';
