export { type EncodeJob, serveTexts } from './serve-texts.js';
export { startTextEncoder, type ThreadedEncoder } from './text-encoder.js';
