/**
 * A topic has at least the partitions whose positions are stored. Fewer means that it was deleted and made again
 * smaller: keys would move to other partitions unnoticed, so the worker stops before it scores anything.
 */
import { TidewatchError, type StreamConsumer, type StreamStore } from '#contracts';

/** Throws TOPIC_SHRUNK; or TOPIC_MISSING, BROKER_UNAVAILABLE, DATABASE_UNAVAILABLE, which pass by themselves. */
export async function requirePartitions(consumer: Pick<StreamConsumer, 'ranges'>, store: Pick<StreamStore, 'partitionsOf'>, topic: string): Promise<void> {
  const stored = await store.partitionsOf(topic);
  const there = new Set((await consumer.ranges(topic)).map(({ partition }) => partition));
  const gone = stored.filter((partition) => !there.has(partition));
  if (gone.length === 0) return;
  throw new TidewatchError('TOPIC_SHRUNK',
    `${topic} has ${there.size} partitions, but positions are stored for ${stored.length}: expected partition ${gone.join(', ')} too. The topic was deleted and made again with fewer. Nothing was read. ` +
    `Make it again with ${stored.length} partitions; or, if fewer are meant, run "tidewatch positions reset ${topic} --partition ${gone[0]!}"${gone.length > 1 ? ', and so for each of them,' : ''} and start the worker again.`,
    { place: { topic, partition: gone[0]! } });
}
