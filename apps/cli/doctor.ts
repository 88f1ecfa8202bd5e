/** `tidewatch doctor`: looks at all that Tidewatch needs and says, for each thing that is wrong, what to do. */
import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Client } from 'pg';
import { kafkaRequirements } from '#local-services';
import { projectRoot, type Settings } from '#load-config';
import { openConsumer } from '../stream-worker/open-parts.js';
import { createLogger } from '../stream-worker/logger.js';
import { openModel } from '../stream-worker/open-model.js';
import { currentRun, settingsOfRun } from './running.js';

interface Finding {
  readonly part: string;
  readonly ok: boolean;
  readonly found: string;
  readonly advice: string | null;
}

const MIN_FREE_BYTES = 2 * 1024 ** 3;

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check Node, Java, Maven, ports, disk, database, broker and models, and say what to do')
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- doctor\n')
    .action(async ({ json }: { json: boolean }) => {
      const settings = settingsOfRun();
      const findings = [node(), tool('java', ['-version'], /version "?(\d+)/), tool('mvn', ['-version'], /Maven (\S+)/), kafka(settings), disk(settings), await pagePort(settings), await database(settings), await broker(settings), ...(await models(settings))];
      if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else for (const { part, ok, found, advice } of findings) process.stdout.write(`${ok ? '✓' : '✗'} ${part.padEnd(14)} ${found}${advice === null ? '' : `\n${' '.repeat(17)}→ ${advice}`}\n`);
      process.exitCode = findings.every((finding) => finding.ok) ? 0 : 1;
    });
}

const good = (part: string, found: string): Finding => ({ part, ok: true, found, advice: null });
const bad = (part: string, found: string, advice: string): Finding => ({ part, ok: false, found, advice });

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19) ? good('node', process.versions.node) : bad('node', process.versions.node, 'Install Node 20.19 or newer.');
}

/** Java and Maven are not required: without them the file log carries the streams, which is said but is no fault. */
function tool(command: string, args: readonly string[], version: RegExp): Finding {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  if (result.error !== undefined) return good(command, 'absent (only needed for a local Kafka; the file log is used instead)');
  return good(command, version.exec(`${result.stdout}${result.stderr}`)?.[1] ?? 'present');
}

function kafka(settings: Settings): Finding {
  if (settings.kafka !== null) return good('local kafka', 'not needed: KAFKA_BROKERS is known');
  const requirements = kafkaRequirements(settings.home);
  return requirements.ok ? good('local kafka', 'Java and Maven suffice') : good('local kafka', `${requirements.missing}. ${requirements.advice}`);
}

function disk(settings: Settings): Finding {
  const folder = existsSync(settings.home) ? settings.home : projectRoot();
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  return free > MIN_FREE_BYTES ? good('disk', text) : bad('disk', text, `Free at least ${MIN_FREE_BYTES / 1024 ** 3} GiB, or set TIDEWATCH_HOME to a larger disk.`);
}

async function pagePort({ page }: Settings): Promise<Finding> {
  const address = currentRun()?.page;
  if (address !== undefined && address !== null) return good('page', `runs at ${address}`);
  const free = await new Promise<boolean>((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(page.port, page.host, () => server.close(() => done(true)));
  });
  return free ? good('page', `port ${page.port} is free`) : good('page', `port ${page.port} is taken; npm start will choose another`);
}

async function database({ databaseUrl }: Settings): Promise<Finding> {
  if (databaseUrl === null) return good('database', 'npm start brings its own Postgres');
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; ready: boolean }>(`select current_setting('server_version') as version, to_regclass('internal.stream_lease') is not null as ready`);
    const { version, ready } = rows[0]!;
    if (parseInt(version, 10) < 15) return bad('database', `Postgres ${version}`, 'Tidewatch needs Postgres 15 or newer.');
    return good('database', `Postgres ${version}, ${ready ? 'migrated' : 'not migrated yet (npm start does it)'}`);
  } catch (error) {
    return bad('database', `no answer: ${(error as Error).message}`, 'Check DATABASE_URL and that the server runs, or unset it to use the embedded Postgres.');
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function broker(settings: Settings): Promise<Finding> {
  if (settings.kafka === null) return good('broker', settings.streamFolder === null ? 'npm start brings its own' : `file log in ${settings.streamFolder}`);
  const consumer = openConsumer(settings, settings.topics.reviews, 'doctor', createLogger('doctor', 'fatal'));
  try {
    const ranges = await consumer.ranges(settings.topics.reviews);
    return good('broker', `${settings.kafka.brokers.join(',')} answers; ${settings.topics.reviews} has ${ranges.length} partitions`);
  } catch (error) {
    return bad('broker', (error as Error).message, 'Check KAFKA_BROKERS, its listener, and that the topics exist.');
  } finally {
    await consumer.stop(Date.now() + 2_000);
  }
}

async function models(settings: Settings): Promise<Finding[]> {
  return Promise.all(Object.values(settings.models).map(async (folder): Promise<Finding> => {
    const name = `model ${folder.split(/[\\/]/).at(-1)}`;
    try {
      const model = await openModel(folder, { ...settings, encoderThreads: 1 });
      await model.close();
      return good(name, `${model.manifest.modelId}, files match their hashes`);
    } catch (error) {
      return bad(name, (error as Error).message, `Restore ${join('models', folder.split(/[\\/]/).at(-1)!)} from git, or train it: npm run tidewatch -- train reviews|quotes.`);
    }
  }));
}
