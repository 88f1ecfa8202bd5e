/**
 * What serving a model needs whatever engine runs its graphs: the folder's checks, texts to packed rows, steps of many keys
 * run together, probes. Pure: run-onnx and run-tfjs bring the engine, the files and the threads.
 */
export { createTextRunner, type EncoderFiles, type TextRunner } from './encode-texts.js';
export { type CreateSession, type GraphPort, type GraphSession, type GraphTensor, sessionProblems } from './graph-session.js';
export { type ModelFiles, readModelFiles } from './manifest.js';
export { type GraphEngine, type OpenModel, openModelOn } from './open-model.js';
export { PackedRows } from './packed-rows.js';
export { probedStepper } from './probe-stepper.js';
export { createStateStepper } from './state-stepper.js';
