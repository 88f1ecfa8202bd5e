/** `tidewatch positions`: where the workers stand, and the one way to move them on purpose, with a record of what was skipped. */
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { createLogger } from '../stream-worker/logger.js';
import { openConsumer } from '../stream-worker/open-parts.js';
import { resetPosition } from './reset-position.js';
import { settingsOfRun } from './running.js';
import { withDatabase } from './with-database.js';

export function registerPositions(program: Command): void {
  const positions = program.command('positions').description('where the workers stand in each partition');
  positions
    .command('list', { isDefault: true })
    .description('print position, end and lag of each partition')
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- positions\n')
    .action(async ({ json }: { json: boolean }) => {
      const rows = await withDatabase((client) => client.query<Record<string, string>>('select topic, partition, next_offset, high_watermark, lag, epoch, owner, committed_at from tidewatch.stream_positions order by 1, 2'));
      if (json) process.stdout.write(`${JSON.stringify(rows.rows, null, 2)}\n`);
      else for (const row of rows.rows) process.stdout.write(`${row['topic']}/${row['partition']}  next ${row['next_offset']}  end ${row['high_watermark']}  lag ${row['lag']}  epoch ${row['epoch']}  ${row['owner'] ?? ''}\n`);
    });
  positions
    .command('reset <topic>')
    .description('begin a topic that was deleted and made again at its oldest offset; records the gap')
    .requiredOption('--partition <number>', 'the partition to reset')
    .addHelpText('after', '\nExample (stop the workers first):\n  npm run tidewatch -- positions reset reviews.v1 --partition 0\n')
    .action(async (topic: string, { partition: given }: { partition: string }) => {
      const partition = Number(given);
      if (!Number.isInteger(partition) || partition < 0) throw new TidewatchError('SETTING_INVALID', `--partition is "${given}": expected a whole number from 0.`);
      const low = await oldestOffset(topic, partition);
      const moved = await withDatabase((client) => resetPosition(client, topic, partition, low));
      process.stdout.write(`${topic}/${partition}: position ${moved} is ${low === null ? 'forgotten, for the topic has no such partition any more' : `now ${low}`}; recorded in tidewatch.stream_gaps.\n`);
    });
}

/** null when the topic has no such partition. */
async function oldestOffset(topic: string, partition: number): Promise<bigint | null> {
  const consumer = openConsumer(settingsOfRun(), topic, 'positions', createLogger('positions', 'error'));
  try {
    return (await consumer.ranges(topic)).find((candidate) => candidate.partition === partition)?.low ?? null;
  } finally {
    await consumer.stop(Date.now() + 2_000);
  }
}
