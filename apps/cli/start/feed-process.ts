/** The simulated feed as a process of `npm start`. */
import { loadSettings } from '#load-config';
import { liveUnderSupervisor, tellParent } from '../../stream-worker/child.js';
import { createLogger } from '../../stream-worker/logger.js';
import { openProducer } from '../../stream-worker/open-parts.js';
import { runSimulatedFeed } from '../simulate.js';

const settings = loadSettings(process.env);
const logger = createLogger('feed', settings.logLevel);
const stopping = new AbortController();
const producer = openProducer(settings);
let running: Promise<unknown> = Promise.resolve();
let loggedAt = 0;
const LOG_EVERY_MS = 10_000;
liveUnderSupervisor(async () => {
  stopping.abort();
  await running;
  await producer.stop();
});
await producer.start();
running = runSimulatedFeed({
  producer, topics: settings.topics, home: settings.home, seed: Number(process.env['FEED_SEED'] ?? 7), signal: stopping.signal,
  onProgress: ({ at, sent }) => {
    if (Date.now() - loggedAt < LOG_EVERY_MS) return;
    loggedAt = Date.now();
    logger.info({ sent, eventTime: new Date(at).toISOString() }, 'told so far');
  },
  onNotice: (line) => logger.warn(line),
});
tellParent({ kind: 'ready' });
await running;
