/**
 * Model definitions as graphs: the ONNX writer, layers with their gradient rules, the tokenizer and the review model.
 * Pure: nothing here runs a graph; run-onnx serves them, train-models trains them.
 */
export { Graph } from './onnx/graph.js';
export type { Attribute, Dimension, ElementType, FloatType, Value, Weights } from './onnx/graph.js';
