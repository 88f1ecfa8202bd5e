/** The file log keeps the same promises as the broker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileConsumer, createFileProducer } from '#consume-files';
import { streamConformance } from '../../libs/testkit/stream-conformance.js';

streamConformance('the file log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-files-'));
  return {
    producer: () => createFileProducer({ folder, segmentBytes: 50_000 }),
    consumer: ({ group, topics, fetchBytes, onNotice }) =>
      createFileConsumer({ folder, groupId: group, topics, ...(fetchBytes === undefined ? {} : { fetchBytes }), ...(onNotice === undefined ? {} : { onNotice }) }),
    sessionTimeoutMs: null,
    retain: async (topic) => {
      const partition = join(folder, topic, '0');
      const [oldest, , next] = readdirSync(partition).sort();
      for (const name of readdirSync(partition)) if (name === oldest || name < next!) rmSync(join(partition, name));
      return BigInt(next!.slice(0, 20));
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});
