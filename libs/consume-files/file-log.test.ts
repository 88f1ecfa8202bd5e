import { afterEach, beforeEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { StreamMessage } from '#contracts';
import { createFileProducer } from './index.js';
import { PartitionReader } from './partition-reader.js';
import { RangeReader, segmentPath } from './segments.js';

const TOPIC = 'reviews.v1';

describe('the file log', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tidewatch-log-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const partitionFolder = () => join(folder, TOPIC, '0');
  const firstSegment = () => segmentPath(partitionFolder(), 0n);
  async function producerOf(settings: { segmentBytes?: number; retainBytes?: number } = {}) {
    const producer = createFileProducer({ folder, ...settings });
    await producer.start();
    await producer.ensureTopic(TOPIC, 1);
    return producer;
  }
  const texts = (messages: readonly StreamMessage[]) => messages.map(({ value }) => Buffer.from(value!).toString());
  async function readAll(from = 0n, fetchBytes = 1_000): Promise<StreamMessage[]> {
    const reader = new PartitionReader(folder, TOPIC, 0, fetchBytes);
    const all: StreamMessage[] = [];
    try {
      await reader.seek(from);
      for (let some = await reader.read(); some.length > 0; some = await reader.read()) all.push(...some);
    } finally {
      await reader.close();
    }
    return all;
  }
  const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ key: 'k', value: `message ${from + at}` }));

  it('loses nothing but the torn record, wherever a kill cut the last write, and goes on behind it', async () => {
    await (await producerOf()).send(TOPIC, numbered(0, 3));
    const whole = readFileSync(firstSegment());
    const lastRecord = (whole.length / 3) * 2;
    for (let cutAt = lastRecord; cutAt < whole.length; cutAt += 1) {
      writeFileSync(firstSegment(), whole.subarray(0, cutAt));
      assert.equal((await readAll()).length, 2);
      await createFileProducer({ folder }).send(TOPIC, [{ key: 'k', value: 'after' }]);
      const all = await readAll();
      assert.deepEqual(texts(all), ['message 0', 'message 1', 'after']);
      assert.deepEqual(all.map(({ offset }) => offset), [0n, 1n, 2n]);
    }
  });

  it('cuts off a tail of zeros, as a power cut leaves it', async () => {
    const producer = await producerOf();
    await producer.send(TOPIC, numbered(0, 2));
    appendFileSync(firstSegment(), Buffer.alloc(500));
    assert.equal((await readAll()).length, 2);
    await producer.send(TOPIC, numbered(2, 3));
    assert.deepEqual(texts(await readAll()), ['message 0', 'message 1', 'message 2']);
  });

  it('refuses to read on or to write behind damage inside a file, and says where', async () => {
    await (await producerOf()).send(TOPIC, numbered(0, 3));
    const bytes = readFileSync(firstSegment());
    bytes[bytes.length / 3 + 20]! ^= 1;
    writeFileSync(firstSegment(), bytes);
    const place = new RegExp(`damaged at byte ${bytes.length / 3}`);
    await assert.rejects(createFileProducer({ folder }).send(TOPIC, numbered(3, 4)), place);
    await assert.rejects(readAll(), place);
    assert.equal(readFileSync(firstSegment()).length, bytes.length);
  });

  it('rolls segments and finds any offset in them', async () => {
    const producer = await producerOf({ segmentBytes: 400 });
    for (let at = 0; at < 100; at += 5) await producer.send(TOPIC, numbered(at, at + 5));
    assert.ok(readdirSync(partitionFolder()).length > 5);
    for (const from of [0n, 1n, 42n, 99n]) {
      const all = await readAll(from);
      assert.deepEqual(all.map(({ offset }) => offset), Array.from({ length: 100 - Number(from) }, (_, at) => from + BigInt(at)));
      assert.deepEqual(texts(all), numbered(Number(from), 100).map(({ value }) => value));
    }
    assert.deepEqual(await readAll(100n), []);
    assert.equal((await readAll(101n))[0]!.offset, 0n, 'behind the end leads to the oldest');
    assert.deepEqual(new RangeReader(folder).ranges(TOPIC), [{ topic: TOPIC, partition: 0, low: 0n, high: 100n }]);
  });

  it('removes the oldest segments when asked to keep only so much', async () => {
    const producer = await producerOf({ segmentBytes: 400, retainBytes: 1_000 });
    for (let at = 0; at < 100; at += 5) await producer.send(TOPIC, numbered(at, at + 5));
    const [range] = new RangeReader(folder).ranges(TOPIC);
    assert.ok(range!.low > 50n && range!.high === 100n, String(range!.low));
    assert.equal((await readAll(10n))[0]!.offset, range!.low);
    assert.ok(readdirSync(partitionFolder()).reduce((sum, name) => sum + statSync(join(partitionFolder(), name)).size, 0) < 1_800);
  });

  it('keeps nothing of a batch whose write failed', async () => {
    const producer = await producerOf();
    await producer.send(TOPIC, numbered(0, 2));
    rmSync(partitionFolder(), { recursive: true });
    await assert.rejects(producer.send(TOPIC, numbered(2, 3)), { code: 'BROKER_UNAVAILABLE' });
  });

  it('starts a topic anew when its folder was removed and made again', async () => {
    await (await producerOf()).send(TOPIC, numbered(0, 5));
    const reader = new PartitionReader(folder, TOPIC, 0, 1_000);
    assert.equal((await reader.read()).length, 5);
    rmSync(join(folder, TOPIC), { recursive: true });
    await (await producerOf()).send(TOPIC, numbered(7, 8));
    const read = await reader.read();
    assert.deepEqual([read[0]!.offset, ...texts(read)], [0n, 'message 7']);
    await reader.close();
  });

  it('takes whole batches of several processes that are killed while they write, in order and without a hole', async () => {
    await producerOf();
    const index = JSON.stringify(new URL('./index.js', import.meta.url).href);
    const body = `
      import { createFileProducer } from ${index};
      const producer = createFileProducer({ folder: ${JSON.stringify(folder)}, segmentBytes: 200_000 });
      await producer.start();
      for (let at = 0; ; at += 10) {
        await producer.send('${TOPIC}', Array.from({ length: 10 }, (_, n) => ({ key: 'k', value: process.argv[1] + ' ' + (at + n) + ' ' + 'x'.repeat(3000) })));
        if (at % 100 === 0) process.stdout.write('.');
      }`;
    const children = ['a', 'b', 'c'].map((name) => spawn(process.execPath, ['--input-type=module', '-e', body, name], { stdio: ['ignore', 'pipe', 'inherit'] }));
    await Promise.all(children.map(async (child) => {
      for (let dots = 0; dots < 3;) dots += ((await once(child.stdout, 'data')) as [Buffer])[0].length;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }));
    await createFileProducer({ folder }).send(TOPIC, [{ key: 'k', value: 'z 0' }]);
    const all = await readAll(0n, 100_000);
    all.forEach(({ offset }, at) => assert.equal(offset, BigInt(at)));
    const next = new Map<string, number>();
    for (const text of texts(all)) {
      const [name, number] = text.split(' ') as [string, string];
      assert.equal(Number(number), next.get(name) ?? 0);
      next.set(name, Number(number) + 1);
    }
    assert.ok(all.length > 600 && next.get('z') === 1);
  });

  it('does not take a writer in the middle of its write for damage', async () => {
    await (await producerOf()).send(TOPIC, numbered(0, 2));
    const whole = readFileSync(firstSegment());
    truncateSync(firstSegment(), whole.length - 3);
    const reader = new PartitionReader(folder, TOPIC, 0, 1_000);
    assert.equal((await reader.read()).length, 1);
    assert.equal((await reader.read()).length, 0);
    appendFileSync(firstSegment(), whole.subarray(whole.length - 3));
    assert.deepEqual(texts(await reader.read()), ['message 1']);
    await reader.close();
  });
});
