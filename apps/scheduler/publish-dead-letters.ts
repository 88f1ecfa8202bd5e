/**
 * Hands dead letters to `<topic>.dead-letter`, at least once, in the order of their positions. A letter counts as handed over
 * only after the broker's acknowledgement; a repeat after a crash carries the same topic, partition and offset. Only topics
 * of the settings: what a test or an earlier name left in the table stays there.
 */
import type { Pool } from 'pg';
import type { StreamProducer } from '#contracts';
import type { Settings } from '#load-config';
import { deadLetterMessage, deadLetterTopic } from './dead-letter-message.js';
import { markPublished, takeUnpublished } from './tables.js';
import { inTransaction } from './with-client.js';

const BATCH = 100;
/** Batches of a topic in one turn, so that a stop never waits for a long backlog. */
const BATCHES_A_TURN = 20;

export interface PublishParts {
  readonly pool: Pool;
  readonly producer: StreamProducer;
  readonly settings: Pick<Settings, 'topics'>;
}

/** @returns how many were handed over; a topic that fails does not hold up the other, and its error is thrown at the end */
export async function publishDeadLetters(parts: PublishParts): Promise<number> {
  let published = 0;
  const faults: unknown[] = [];
  for (const topic of [parts.settings.topics.reviews, parts.settings.topics.quotes]) {
    try {
      for (let batch = 0; batch < BATCHES_A_TURN; batch += 1) {
        const taken = await publishBatch(parts, topic);
        published += taken;
        if (taken < BATCH) break;
      }
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  return published;
}

function publishBatch({ pool, producer }: PublishParts, topic: string): Promise<number> {
  return inTransaction(pool, async (client) => {
    const rows = await takeUnpublished(client, topic, BATCH);
    if (rows.length === 0) return 0;
    await producer.send(deadLetterTopic(topic), rows.map(deadLetterMessage));
    await markPublished(client, topic, rows);
    return rows.length;
  });
}
