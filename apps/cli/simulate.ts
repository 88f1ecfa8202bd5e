/**
 * The simulated feed of `tidewatch start`: tells the seeded story (libs/simulate-feed) into the streams at its pace.
 * A small file in the home folder holds seed, start and how far it was told; it is written after the broker acknowledged,
 * so that a feed that dies tells up to a second again (duplicates, passed over) and never leaves anything out.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutgoingMessage, StreamProducer } from '#contracts';
import { advance, storyStart, tellStory, type StoryMessage } from '#simulate-feed';
import { sendPatiently } from './feed-send.js';

export interface SimulatedFeedOptions {
  /** Started; its topics exist. The caller stops it. */
  readonly producer: StreamProducer;
  readonly topics: { readonly reviews: string; readonly quotes: string };
  /** Folder of the position file. */
  readonly home: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (told: StoryProgress) => void;
  readonly onNotice?: (line: string) => void;
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface StoryProgress {
  /** Event time told so far, epoch ms. */
  readonly at: number;
  /** Messages sent since this feed began. */
  readonly sent: number;
}

interface Position {
  readonly seed: number;
  readonly start: number;
  /** Everything with an event time up to here is acknowledged. */
  readonly told: number;
}

const TICK_MS = 100;
const SAVE_EVERY_MS = 1_000;
const MAX_BATCH = 500;

/** Runs until the signal comes; what was told by then is acknowledged and remembered. */
export async function runSimulatedFeed(options: SimulatedFeedOptions): Promise<StoryProgress> {
  const { signal, seed, home } = options;
  const now = options.now ?? Date.now;
  const wait = options.wait ?? ((ms: number, stopped: AbortSignal) => sleep(ms, undefined, { signal: stopped }));
  const file = join(home, 'feed', 'story.json');
  let position = await readPosition(file, seed) ?? { seed, start: storyStart(now()), told: storyStart(now()) - 1 };
  const story = tellStory(position, position.told);
  let next = story.next().value;
  let sent = 0;
  let tickedAt = now();
  let savedAt = 0;

  while (!signal.aborted) {
    const at = now();
    // A tick that came late counts as at most a second, so that a slow broker slows the story down instead of flooding it.
    const until = advance(position.start, position.told, at, Math.min(Math.max(at - tickedAt, 0), 1_000));
    tickedAt = at;
    const due: StoryMessage[] = [];
    for (; next.at <= until; next = story.next().value) due.push(next);
    if (!(await sendDue(options, wait, due))) break;
    sent += due.length;
    position = { ...position, told: until };
    options.onProgress?.({ at: until, sent });
    if (at - savedAt >= SAVE_EVERY_MS) {
      await savePosition(file, position);
      savedAt = at;
    }
    await wait(TICK_MS, signal).catch(() => undefined);
  }
  await savePosition(file, position);
  return { at: position.told, sent };
}

/** False when the signal came before everything was acknowledged. */
async function sendDue(options: SimulatedFeedOptions, wait: (ms: number, signal: AbortSignal) => Promise<void>, due: readonly StoryMessage[]): Promise<boolean> {
  const { producer, topics, signal } = options;
  for (const stream of ['reviews', 'quotes'] as const) {
    const messages: OutgoingMessage[] = due.filter((message) => message.stream === stream).map(({ key, value }) => ({ key, value }));
    for (let from = 0; from < messages.length; from += MAX_BATCH) {
      const sender = { producer, topic: topics[stream], signal, wait, notice: options.onNotice ?? (() => undefined) };
      if (!(await sendPatiently(sender, messages.slice(from, from + MAX_BATCH)))) return false;
    }
  }
  return true;
}

/** null when there is none, it cannot be read, or it belongs to another story: then the story begins anew. */
async function readPosition(file: string, seed: number): Promise<Position | null> {
  try {
    const found = JSON.parse(await readFile(file, 'utf8')) as Partial<Position>;
    const { start, told } = found;
    return found.seed === seed && Number.isSafeInteger(start) && Number.isSafeInteger(told) && told! >= start! - 1 ? { seed, start: start!, told: told! } : null;
  } catch {
    return null;
  }
}

async function savePosition(file: string, position: Position): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(position));
  await rename(`${file}.new`, file);
}
