/**
 * Models on TensorFlow.js: the same folder, the same weights, the same checks as on ONNX Runtime, much slower. The step graph
 * serves alone: `state.sequence` only exists for speed.
 */
import { readFile } from 'node:fs/promises';
import { startTextEncoder } from '#encode-in-threads';
import { type OpenModel, openModelOn } from '#serve-models';
import { loadTensorFlow } from './load-tensorflow.js';
import { createSession } from './session.js';

/** @param folder holds model.json; @throws MODEL_INVALID, SETTING_INVALID where no TensorFlow.js is installed */
export async function openModel(folder: string, options: { encoderThreads: number }): Promise<OpenModel> {
  const tf = await loadTensorFlow();
  return openModelOn({
    name: 'TensorFlow.js',
    createSession: async (model) => createSession(tf, model),
    takesSequences: false,
    readFile,
    startEncoder: (files, given) => startTextEncoder(files, { ...given, entry: new URL('./encoder-worker.js', import.meta.url) }),
  }, folder, options);
}
