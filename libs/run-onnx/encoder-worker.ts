/** The encoder's worker thread over ONNX Runtime. */
import { serveTexts } from '#encode-in-threads';
import { createSession } from './session.js';

await serveTexts(createSession);
