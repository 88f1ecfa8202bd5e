/** The review worker's process. */
import { runWorker } from '../stream-worker/run-worker.js';
import { openReviewWorker } from './open-worker.js';

await runWorker('review-worker', openReviewWorker());
