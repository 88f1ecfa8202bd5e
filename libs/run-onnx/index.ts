/** Models on ONNX Runtime: its sessions behind the ports of libs/contracts. */
import { readFile } from 'node:fs/promises';
import { startTextEncoder } from '#encode-in-threads';
import { type GraphEngine, type OpenModel, openModelOn } from '#serve-models';
import { createSession } from './session.js';

const engine: GraphEngine = {
  name: 'ONNX Runtime',
  createSession,
  takesSequences: true,
  readFile,
  startEncoder: (files, options) => startTextEncoder(files, { ...options, entry: new URL('./encoder-worker.js', import.meta.url) }),
};

/** @param folder holds model.json; @throws MODEL_INVALID */
export const openModel = (folder: string, options: { encoderThreads: number }): Promise<OpenModel> => openModelOn(engine, folder, options);
