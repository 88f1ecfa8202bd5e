import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';
import { tellStory, storyStart } from '#simulate-feed';
import { runSimulatedFeed } from './simulate.js';

const BEGUN = Date.UTC(2026, 10, 23, 13, 5);
const topics = { reviews: 'reviews.v1', quotes: 'quotes.v1' };

/** Runs the feed for some seconds of an invented clock. */
async function run(home: string, seconds: number, sent: string[], options: { fail?: (sends: number) => boolean; from?: number } = {}) {
  const stop = new AbortController();
  let clock = options.from ?? BEGUN;
  const end = clock + seconds * 1000;
  let sends = 0;
  const producer: StreamProducer = {
    start: () => Promise.resolve(), ensureTopic: () => Promise.resolve(), stop: () => Promise.resolve(),
    send(topic: string, messages: readonly OutgoingMessage[]) {
      sends += 1;
      if (options.fail?.(sends) === true) return Promise.reject(new TidewatchError('BROKER_UNAVAILABLE', 'Kafka does not answer.'));
      for (const { key, value } of messages) sent.push(`${topic} ${String(key)} ${value === null ? 'null' : Buffer.from(value).toString('latin1')}`);
      return Promise.resolve();
    },
  };
  const told = await runSimulatedFeed({ producer, topics, home, seed: 7, signal: stop.signal, now: () => clock, wait: (ms) => {
    clock += ms;
    if (clock >= end) stop.abort();
    return Promise.resolve();
  } });
  return { told, clock };
}

async function inFolder(work: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'simulate-'));
  try { await work(home); } finally { await rm(home, { recursive: true }); }
}

function expected(until: number): string[] {
  const all: string[] = [];
  const story = tellStory({ seed: 7, start: storyStart(BEGUN) });
  for (let next = story.next().value; next.at <= until; next = story.next().value) all.push(`${topics[next.stream]} ${String(next.key)} ${next.value === null ? 'null' : Buffer.from(next.value).toString('latin1')}`);
  return all.sort();
}

describe('the simulated feed', () => {
  it('sends the whole story once, over stops and starts', () => inFolder(async (home) => {
    const sent: string[] = [];
    const first = await run(home, 3, sent);
    const second = await run(home, 5, sent, { from: first.clock + 60_000 });
    assert.ok(second.told.at > first.told.at);
    assert.deepEqual(sent.sort(), expected(second.told.at));
  }));

  it('leaves nothing out while the broker is away', () => inFolder(async (home) => {
    const sent: string[] = [];
    const { told } = await run(home, 8, sent, { fail: (sends) => sends > 6 && sends < 12 });
    assert.deepEqual(sent.sort(), expected(told.at));
  }));

  it('tells up to a second again after a kill, never less', () => inFolder(async (home) => {
    const sent: string[] = [];
    await run(home, 3, sent);
    const file = join(home, 'feed', 'story.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as { told: number };
    await writeFile(file, JSON.stringify({ ...kept, told: kept.told - 7_200_000 }));
    const { told } = await run(home, 2, sent, { from: BEGUN + 4_000 });
    assert.deepEqual([...new Set(sent)].sort(), [...new Set(expected(told.at))].sort());
  }));

  it('begins anew when its position cannot be read or belongs to another seed', () => inFolder(async (home) => {
    const { told } = await run(home, 1, []);
    const file = join(home, 'feed', 'story.json');
    for (const content of ['{', '{"seed":8,"start":0,"told":5}', '{"seed":7,"start":"x","told":5}']) {
      await writeFile(file, content);
      const again: string[] = [];
      assert.equal((await run(home, 1, again)).told.at, told.at);
      assert.deepEqual(again.sort(), expected(told.at));
    }
  }));
});
