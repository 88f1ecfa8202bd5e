/** `tidewatch connection`: the addresses of the running services, one NAME=value per line, ready for a shell's eval. */
import type { Command } from 'commander';
import { currentRun, settingsOfRun } from './running.js';

export function registerConnection(program: Command): void {
  program
    .command('connection')
    .description('print DATABASE_URL and KAFKA_BROKERS of the running services')
    .option('--json', 'one JSON object instead of lines', false)
    .addHelpText('after', '\nExample:\n  psql "$(npm run --silent tidewatch -- connection | sed -n s/^DATABASE_URL=//p)"\n')
    .action(({ json }: { json: boolean }) => {
      const { databaseUrl, kafka, streamFolder } = settingsOfRun();
      const known = Object.entries({ DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafka?.brokers.join(',') ?? null, STREAM_FOLDER: streamFolder, PAGE: currentRun()?.page ?? null })
        .filter((entry): entry is [string, string] => entry[1] !== null);
      if (databaseUrl === null) {
        process.stderr.write('Nothing runs here and DATABASE_URL is not set: expected a running "npm start" in this checkout, or DATABASE_URL in the environment.\n');
        process.exitCode = 1;
        return;
      }
      process.stdout.write(json ? `${JSON.stringify(Object.fromEntries(known))}\n` : known.map(([name, value]) => `${name}=${value}\n`).join(''));
    });
}
