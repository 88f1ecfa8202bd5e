/** The encoder's worker thread over TensorFlow.js. */
import { serveTexts } from '#encode-in-threads';
import { loadTensorFlow } from './load-tensorflow.js';
import { createSession } from './session.js';

await serveTexts(async (model) => createSession(await loadTensorFlow(), model));
