/**
 * `tidewatch migrate`: brings an own database to the newest schema and creates the topics at an own broker, both only
 * where something is missing. `npm start` does the same by itself; containers run this once before the workers.
 */
import type { Command } from 'commander';
import { migrate } from '#commit-postgres';
import { TidewatchError } from '#contracts';
import { openProducer } from '../stream-worker/open-parts.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { settingsOfRun } from './running.js';

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database of DATABASE_URL up to date and create the topics at KAFKA_BROKERS')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://tidewatch@db:5432/tidewatch KAFKA_BROKERS=kafka:9092 npm run tidewatch -- migrate\n')
    .action(async () => {
      const settings = settingsOfRun();
      const databaseUrl = requireDatabase(settings);
      if (settings.kafka === null && settings.streamFolder === null) {
        throw new TidewatchError('SETTING_INVALID', 'KAFKA_BROKERS is not set: expected host:port of the broker at which the topics are to be. Nothing was changed.');
      }
      await migrate(databaseUrl, (line) => process.stdout.write(`${line}\n`));
      process.stdout.write('The database is up to date.\n');
      const topics = Object.values(settings.topics);
      const producer = openProducer(settings);
      await producer.start();
      try {
        for (const topic of topics) await producer.ensureTopic(topic, settings.partitions);
      } finally {
        await producer.stop();
      }
      process.stdout.write(`The topics are there: ${topics.join(', ')}.\n`);
    });
}
