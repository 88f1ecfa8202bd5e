/** Dead letters on a real database: handed to their topic once, in order and whole, and sent back on request. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool } from 'pg';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';
import { publishDeadLetters } from '../../apps/scheduler/publish-dead-letters.js';
import { replayDeadLetters, type ReplayChoice } from '../../apps/cli/replay-dead-letters.js';
import { useTestDatabase } from '../../libs/testkit/index.js';

const topics = { reviews: 'reviews.v1', quotes: 'quotes.v1', surges: 'surges.v1' };
const BROKEN = Buffer.of(0xff, 0x00, 0x41);
const LONG = Buffer.alloc(900_000, 0x61);

interface Sent { readonly topic: string; readonly message: OutgoingMessage }

function memoryProducer(refuse: (topic: string) => boolean = () => false): { producer: StreamProducer; sent: Sent[] } {
  const sent: Sent[] = [];
  const send = async (topic: string, messages: readonly OutgoingMessage[]) => {
    if (refuse(topic)) throw new Error(`${topic} is away`);
    sent.push(...messages.map((message) => ({ topic, message })));
  };
  return { sent, producer: { start: async () => undefined, ensureTopic: async () => undefined, send, stop: async () => undefined } };
}

const valueOf = ({ message }: Sent) => JSON.parse(String(message.value)) as Record<string, unknown>;
const keyOf = ({ message }: Sent) => (message.key === null ? null : Buffer.from(message.key).toString('latin1'));

describe('dead letters', () => {
  const database = useTestDatabase();

  const insert = (topic: string, partition: number, offset: number, key: Buffer | null, payload: Buffer | null, code = 'invalid_json') =>
    database.query(`insert into internal.dead_letter (topic, partition, "offset", key, payload, code, reason, message_at) values ($1, $2, $3, $4, $5, $6, 'why', '2026-01-05T00:00:00Z')`, [topic, partition, offset, key, payload, code]);

  async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    const pool = new Pool({ connectionString: database.url, max: 3 });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  }

  const replay = (producer: StreamProducer, choice: Partial<ReplayChoice> = {}, signal = new AbortController().signal) => withPool(async (pool) => {
    const client = await pool.connect();
    try {
      return await replayDeadLetters({ client, producer, signal, wait: async () => undefined, notice: () => undefined, progress: () => undefined }, { topics: ['reviews.v1', 'quotes.v1'], code: null, limit: null, ...choice });
    } finally {
      client.release();
    }
  });

  it('go to the topic beside their own once, in the order of positions, under their key', async () => {
    await insert('reviews.v1', 1, 3, Buffer.from('kettle'), Buffer.from('{"é'));
    await insert('reviews.v1', 0, 10, BROKEN, BROKEN);
    await insert('reviews.v1', 0, 9, null, null, 'tombstone');
    await insert('reviews.v1', 1, 4, Buffer.from('kettle'), LONG, 'too_large');
    await insert('quotes.v1', 0, 1, Buffer.from('ALDR'), Buffer.from('[]'), 'not_an_object');
    await insert('elsewhere', 0, 1, null, Buffer.from('x'));
    await withPool(async (pool) => {
      const { producer, sent } = memoryProducer();
      assert.equal(await publishDeadLetters({ pool, producer, settings: { topics } }), 5);
      assert.equal(await publishDeadLetters({ pool, producer, settings: { topics } }), 0);
      assert.deepEqual(sent.map(({ topic }) => topic), [...Array.from({ length: 4 }, () => 'reviews.v1.dead-letter'), 'quotes.v1.dead-letter']);
      assert.deepEqual(sent.map(keyOf), [null, BROKEN.toString('latin1'), 'kettle', 'kettle', 'ALDR']);
      const [tombstone, broken, text, long] = sent.map(valueOf);
      assert.deepEqual(text, { topic: 'reviews.v1', partition: 1, offset: '3', code: 'invalid_json', reason: 'why', messageAt: '2026-01-05T00:00:00.000Z', key: 'kettle', keyEncoding: 'utf8', payload: '{"é', encoding: 'utf8' });
      assert.deepEqual([broken!['key'], broken!['keyEncoding'], broken!['payload'], broken!['encoding']], [BROKEN.toString('base64'), 'base64', BROKEN.toString('base64'), 'base64']);
      assert.deepEqual([tombstone!['payload'], 'truncated' in tombstone!], [null, false]);
      assert.deepEqual([long!['payload'], long!['truncated'], long!['payloadBytes']], [null, true, LONG.length]);
    });
    assert.deepEqual(await database.query(`select topic from internal.dead_letter where published_at is null`), [{ topic: 'elsewhere' }]);
    const [kept] = await database.query<{ bytes: number }>(`select octet_length(payload) as bytes from internal.dead_letter where code = 'too_large'`);
    assert.equal(kept?.bytes, LONG.length, 'the table keeps all of it');
  });

  it('stay unpublished when the broker did not acknowledge, and hold up no other topic', async () => {
    await insert('reviews.v1', 2, 1, null, Buffer.from('a'));
    await insert('quotes.v1', 2, 1, null, Buffer.from('b'));
    await withPool(async (pool) => {
      const { producer, sent } = memoryProducer((topic) => topic.startsWith('reviews'));
      await assert.rejects(publishDeadLetters({ pool, producer, settings: { topics } }), /reviews\.v1\.dead-letter is away/);
      assert.deepEqual(sent.map(({ topic }) => topic), ['quotes.v1.dead-letter']);
      const back = memoryProducer();
      assert.equal(await publishDeadLetters({ pool, producer: back.producer, settings: { topics } }), 1);
    });
  });

  it('that escape to more than a broker takes are published without their payload, and without a key that long', async () => {
    await insert('reviews.v1', 3, 1, Buffer.alloc(200_000, 0x01), Buffer.alloc(600_000, 0x01));
    await withPool(async (pool) => {
      const { producer, sent } = memoryProducer();
      await publishDeadLetters({ pool, producer, settings: { topics } });
      assert.deepEqual(sent.map((each) => [each.message.key, valueOf(each)['payload'], valueOf(each)['truncated'], valueOf(each)['keyTruncated']]), [[null, null, true, true]]);
    });
  });

  it('are handed over once by two schedulers side by side', async () => {
    for (let offset = 0; offset < 450; offset += 1) await insert('reviews.v1', 4, offset, null, Buffer.from(`${offset}`));
    await withPool(async (pool) => {
      const { producer, sent } = memoryProducer();
      const counts = await Promise.all([1, 2].map(() => publishDeadLetters({ pool, producer, settings: { topics } })));
      const rest = await publishDeadLetters({ pool, producer, settings: { topics } });
      assert.equal(counts[0]! + counts[1]! + rest, 450);
      assert.equal(new Set(sent.map((each) => valueOf(each)['offset'])).size, 450);
      assert.equal(sent.length, 450);
    });
  });

  it('are sent back byte for byte, by code, up to the limit, once', async () => {
    await database.query('delete from internal.dead_letter');
    for (let offset = 0; offset < 250; offset += 1) await insert('reviews.v1', 0, offset, BROKEN, Buffer.from([offset, 0xff]), 'far_future');
    await insert('quotes.v1', 0, 1, Buffer.from('ALDR'), Buffer.from('[]'));
    await insert('quotes.v1', 0, 2, Buffer.from('ALDR'), null, 'tombstone');
    const { producer, sent } = memoryProducer();
    assert.deepEqual(await replay(producer, { code: 'far_future', limit: 120 }), { replayed: 120, tombstones: 0, refused: 0, left: 130, stopped: false });
    assert.deepEqual(sent.map(({ message }) => (message.value as Buffer)[0]), Array.from({ length: 120 }, (_, offset) => offset));
    assert.ok(sent.every((each) => each.topic === 'reviews.v1' && keyOf(each) === BROKEN.toString('latin1') && each.message.timestamp === undefined));
    assert.deepEqual(await replay(producer), { replayed: 131, tombstones: 1, refused: 0, left: 0, stopped: false });
    assert.equal(sent.length, 251);
    assert.deepEqual(await replay(producer), { replayed: 0, tombstones: 1, refused: 0, left: 0, stopped: false });
    assert.deepEqual(await database.query('select code from internal.dead_letter where replayed_at is null'), [{ code: 'tombstone' }]);
  });

  it('that the broker calls too large stay as they are and hold up nothing', async () => {
    await database.query('delete from internal.dead_letter');
    await insert('reviews.v1', 0, 1, null, Buffer.from('a'));
    await insert('reviews.v1', 0, 2, null, LONG, 'too_large');
    await insert('reviews.v1', 0, 3, null, Buffer.from('c'));
    const { producer, sent } = memoryProducer();
    const narrow: StreamProducer = { ...producer, send: async (topic, messages) => {
      if (messages.some(({ value }) => value!.length > 800_000)) throw new TidewatchError('SETTING_INVALID', 'too large');
      await producer.send(topic, messages);
    } };
    assert.deepEqual(await replay(narrow), { replayed: 2, tombstones: 0, refused: 1, left: 0, stopped: false });
    assert.deepEqual(sent.map(({ message }) => String(message.value)), ['a', 'c']);
    assert.deepEqual(await database.query('select code from internal.dead_letter where replayed_at is null'), [{ code: 'too_large' }]);
  });

  it('that fail again while a replay runs do not go round in it', async () => {
    await database.query('delete from internal.dead_letter');
    for (let offset = 0; offset < 150; offset += 1) await insert('reviews.v1', 0, offset, null, Buffer.from('{'));
    let next = 150;
    const { producer } = memoryProducer();
    const failing: StreamProducer = { ...producer, send: async (_topic, messages) => { for (const { value } of messages) await insert('reviews.v1', 0, next++, null, Buffer.from(value as Uint8Array)); } };
    assert.equal((await replay(failing)).replayed, 150);
    assert.deepEqual(await database.query('select count(*)::int as waiting from internal.dead_letter where replayed_at is null'), [{ waiting: 150 }]);
  });

  it('are marked only as far as they were acknowledged when a replay is stopped', async () => {
    const stop = new AbortController();
    const { producer, sent } = memoryProducer();
    const stopping: StreamProducer = { ...producer, send: async (topic, messages) => { await producer.send(topic, messages); stop.abort(); } };
    assert.deepEqual(await replay(stopping, {}, stop.signal), { replayed: 100, tombstones: 0, refused: 0, left: 50, stopped: true });
    assert.equal(sent.length, 100);
    assert.deepEqual(await replay(producer), { replayed: 50, tombstones: 0, refused: 0, left: 0, stopped: false });
  });
});
