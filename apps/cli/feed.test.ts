import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';
import { registerFeed } from './feed.js';
import type { FeedSummary } from './feed-files.js';

let folder = '';
before(async () => { folder = await mkdtemp(join(tmpdir(), 'feed-')); });
after(async () => { await rm(folder, { recursive: true }); });
afterEach(() => { process.exitCode = undefined; });

interface Sent { topic: string; key: string | null; fields: Record<string, unknown> }

function memoryProducer(beforeSend: (batch: number) => Promise<void> | void = () => undefined) {
  const sent: Sent[] = [];
  const topics: string[] = [];
  const state = { started: true, batches: 0, largest: 0 };
  const producer: StreamProducer = {
    start: () => Promise.resolve(),
    ensureTopic: (topic) => { topics.push(topic); return Promise.resolve(); },
    async send(topic: string, messages: readonly OutgoingMessage[]) {
      state.batches += 1;
      await beforeSend(state.batches);
      state.largest = Math.max(state.largest, messages.length);
      for (const { key, value } of messages) sent.push({ topic, key: key as string | null, fields: JSON.parse(Buffer.from(value!).toString()) as Record<string, unknown> });
    },
    stop: () => { state.started = false; return Promise.resolve(); },
  };
  return { producer, sent, topics, state };
}

async function feed(args: readonly string[], memory = memoryProducer(), more: { signal?: AbortSignal; now?: () => number; wait?: (ms: number) => Promise<void> } = {}) {
  let out = '';
  let screen = '';
  const program = new Command().exitOverride();
  registerFeed(program, {
    openProducer: () => Promise.resolve(memory.producer),
    streams: () => ({ topics: { reviews: 'reviews.v1', quotes: 'quotes.v1' }, partitions: 4 }),
    out: { write: (text: string) => (out += text) }, screen: { write: (text: string) => (screen += text) }, ...more,
  });
  await program.parseAsync(['node', 'tidewatch', 'feed', ...args]);
  return { ...memory, out, screen };
}

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
const review = (n: number, more: object = {}) => ({ reviewId: `r${n}`, productId: `p${n % 3}`, text: `Text ${n}`, reviewedAt: new Date(Date.UTC(2024, 0, 1) + n * 60_000).toISOString(), ...more });
const jsonLines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('tidewatch feed', () => {
  it('sends the rows of several files in order, keyed by product, in batches, and sums up', async () => {
    const first = await file('first.jsonl', jsonLines(Array.from({ length: 1_500 }, (_, n) => review(n))));
    const second = await file('second.jsonl.gz', gzipSync(jsonLines([review(1_500)])));
    const { sent, out, topics, state } = await feed(['reviews', first, second]);
    assert.deepEqual(sent.map((row) => row.fields['reviewId']), Array.from({ length: 1_501 }, (_, n) => `r${n}`));
    assert.ok(sent.every((row, n) => row.key === `p${n % 3}` && row.topic === 'reviews.v1'));
    assert.deepEqual([topics, state.started, state.largest], [['reviews.v1'], false, 1_000]);
    assert.match(out, /^1,501 rows read, 1,501 reviews sent to reviews\.v1, 0 refused/);
  });

  it('refuses what the workers would refuse, with line numbers and reasons, shows twenty and writes all', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? JSON.stringify(review(n)) : n === 1 ? '{"broken' : JSON.stringify(review(n, { rating: 9 }))));
    const path = await file('some-bad.jsonl', rows.join('\n'));
    const log = join(folder, 'refused.jsonl');
    const { sent, out, screen } = await feed(['reviews', path, '--json', '--refused', log]);
    assert.equal(sent.length, 30);
    const summary = JSON.parse(out) as FeedSummary;
    assert.deepEqual([summary.rows, summary.sent, summary.refused, summary.refusedByCode, summary.interrupted], [60, 30, 30, { invalid_json: 1, out_of_range: 29 }, false]);
    assert.equal(summary.refusals.length, 20);
    assert.deepEqual([summary.refusals[0]!.line, summary.refusals[1]!.line], [2, 4]);
    assert.match(screen, /some-bad\.jsonl:4 refused: Found rating 9; expected a number from 1 to 5\. \(out_of_range\)/);
    const logged = (await readFile(log, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { line: number; row: string });
    assert.deepEqual([logged.length, logged[0]], [30, { ...logged[0]!, line: 2, row: '{"broken' }]);
    assert.equal(process.exitCode, undefined);
  });

  it('takes CSV quotes with a timestamp column, types the cells, and refuses bad ones by line', async () => {
    const path = await file('bars.csv', 'symbol,timestamp,open,high,low,close,volume,venue\nA,2013-02-08,45.07,45.35,45,45.08,1824755,X\nA,2013-02-09,,,,NaN,,\nA,2013-02-10,,,,abc,,\nB,2013-02-11,,,,1e-3,,\n');
    const { sent, out } = await feed(['quotes', path, '--json']);
    assert.deepEqual(sent.map((row) => [row.key, row.fields]), [
      ['A', { symbol: 'A', at: '2013-02-08', open: 45.07, high: 45.35, low: 45, close: 45.08, volume: 1_824_755, venue: 'X' }],
      ['B', { symbol: 'B', at: '2013-02-11', close: 0.001 }],
    ]);
    assert.deepEqual((JSON.parse(out) as FeedSummary).refusals.map(({ line, code }) => [line, code]), [[3, 'price_not_finite'], [4, 'wrong_type']]);
  });

  it('takes ticks with bid and ask', async () => {
    const { sent } = await feed(['quotes', await file('ticks.csv', 'symbol,timestamp,bid,ask\nEURUSD,2014-05-05T05:00:03.074Z,1.38756,1.38758\n')]);
    assert.deepEqual(sent[0]!.fields, { symbol: 'EURUSD', at: '2014-05-05T05:00:03.074Z', bid: 1.38756, ask: 1.38758 });
  });

  it('renames fields as --map says, keeps the others, and leaves untouched rows byte for byte', async () => {
    const path = await file('mapped.jsonl', jsonLines([{ reviewId: 'r', asin: 'B00', reviewText: 'Good', summary: 'S', reviewedAt: '2024-01-01', text: 'other' }]));
    const { sent } = await feed(['reviews', path, '--map', 'productId=asin, text=reviewText,title=summary', '--topic', 'elsewhere']);
    assert.deepEqual(sent, [{ topic: 'elsewhere', key: 'B00', fields: { reviewId: 'r', productId: 'B00', text: 'Good', title: 'S', reviewedAt: '2024-01-01' } }]);
    const raw = `{ "big": 12345678901234567890, ${JSON.stringify(review(1)).slice(1)}`;
    let bytes = '';
    const memory = memoryProducer();
    await feed(['reviews', await file('raw.jsonl', raw)], { ...memory, producer: { ...memory.producer, send: (_, [message]) => { bytes = Buffer.from(message!.value as Uint8Array).toString(); return Promise.resolve(); } } });
    assert.equal(bytes, raw);
  });

  it('stops after --limit rows', async () => {
    const path = await file('long.jsonl', jsonLines(Array.from({ length: 50 }, (_, n) => review(n))));
    assert.equal((await feed(['reviews', path, '--limit', '7'])).sent.length, 7);
  });

  it('keeps the times of the file at --speed 60x', async () => {
    const path = await file('paced.jsonl', jsonLines([review(0), review(1), review(1, { reviewId: 'same' }), review(3)]));
    let clock = 1_000_000_000_000 + 800_000_000_000;
    const begun = clock;
    const memory = memoryProducer();
    const at: number[] = [];
    const producer = { ...memory.producer, send: async (topic: string, messages: readonly OutgoingMessage[]) => { at.push(...messages.map(() => clock - begun)); await memory.producer.send(topic, messages); } };
    const { sent } = await feed(['reviews', path, '--speed', '60x'], { ...memory, producer }, { now: () => clock, wait: (ms) => { clock += ms; return Promise.resolve(); } });
    assert.deepEqual(sent.map((row) => row.fields['reviewId']), ['r0', 'r1', 'same', 'r3']);
    assert.deepEqual(at, [0, 1_000, 1_000, 3_000]);
  });

  it('waits for a broker that is away, and sends everything once it is back', async () => {
    const path = await file('patient.jsonl', jsonLines(Array.from({ length: 2_500 }, (_, n) => review(n))));
    const away = (batch: number) => { if (batch === 2 || batch === 3) throw new TidewatchError('BROKER_UNAVAILABLE', 'Kafka does not answer.'); };
    const { sent, screen } = await feed(['reviews', path], memoryProducer(away), { wait: () => Promise.resolve() });
    assert.deepEqual(sent.map((row) => row.fields['reviewId']), Array.from({ length: 2_500 }, (_, n) => `r${n}`));
    assert.equal(screen.match(/waiting for the broker/g)?.length, 1);
  });

  it('stops on Ctrl-C with a summary of what was acknowledged', async () => {
    const path = await file('stopped.jsonl', jsonLines(Array.from({ length: 5_000 }, (_, n) => review(n))));
    const stop = new AbortController();
    const { sent, out, state } = await feed(['reviews', path, '--json'], memoryProducer((batch) => { if (batch === 2) stop.abort(); }), { signal: stop.signal });
    const summary = JSON.parse(out) as FeedSummary;
    assert.ok(summary.interrupted && summary.sent === sent.length && sent.length >= 2_000 && sent.length < 5_000, out);
    assert.deepEqual([process.exitCode, state.started], [130, false]);
  });

  it('says what is wrong with its arguments or files before or without sending', async () => {
    const path = await file('good.jsonl', jsonLines([review(1)]));
    await assert.rejects(feed(['reviews', path, '--speed', 'fast']), /expected realtime, a factor such as 60x, or max/);
    await assert.rejects(feed(['reviews', path, '--map', 'productId']), /target=source/);
    await assert.rejects(feed(['reviews', path, '--limit', '0']), /whole number above zero/);
    await assert.rejects(feed(['reviews', path, '--refused', join(folder, 'no', 'such')]), /cannot be written/);
    await assert.rejects(feed(['reviews', join(folder, 'absent')]), /ENOENT/);
    await assert.rejects(feed(['quotes', await file('wrong.csv', 'name,when,value\na,b,c\n')]), /expected symbol, at, close \(or price, or bid and ask\) as well.*--map symbol=name/);
  });

  it('has help with examples', () => {
    const program = new Command();
    registerFeed(program, { openProducer: () => Promise.reject(new Error('unused')), streams: () => ({ topics: { reviews: 'r', quotes: 'q' }, partitions: 1 }) });
    let help = '';
    for (const command of program.commands[0]!.commands) command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    assert.match(help, /Examples:[^]*--speed max[^]*--map/);
  });
});
