/**
 * One real Postgres and one real Kafka for a whole test run, in a temporary home. Prints one JSON line with their
 * addresses, stays until its standard input closes (so it ends with its parent, however that ends), then removes all.
 * The broker's jars are kept in the checkout's .tidewatch, so that Maven runs once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '#load-config';
import { kafkaRequirements, startKafka, startPostgres } from '#local-services';

const home = mkdtempSync(join(tmpdir(), 'tidewatch-test-'));
const jarHome = join(projectRoot(), '.tidewatch');
const say = (line: string) => process.stderr.write(`test services: ${line}\n`);

const requirements = kafkaRequirements(jarHome);
if (!requirements.ok) {
  say(`the tests need a real broker. ${requirements.missing}. ${requirements.advice}`);
  process.exit(1);
}
const started = await Promise.allSettled([startPostgres({ home, port: 0, onProgress: say }), startKafka({ home, port: 0, jarHome, onProgress: say })]);
const [postgres, kafka] = started;
const running = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));

let ending = false;
async function end(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.all(running.map((service) => service.stop(Date.now() + 5_000)));
  rmSync(home, { recursive: true, force: true });
  process.exit(exitCode);
}

process.on('SIGINT', () => void end(1));
process.on('SIGTERM', () => void end(1));
process.stdin.on('end', () => void end(0)).on('close', () => void end(0)).resume();

if (postgres.status === 'fulfilled' && kafka.status === 'fulfilled') {
  process.stdout.write(`${JSON.stringify({ TEST_DATABASE_URL: postgres.value.url, TEST_KAFKA_BROKERS: kafka.value.brokers })}\n`);
} else {
  for (const outcome of started) if (outcome.status === 'rejected') say(String(outcome.reason));
  await end(1);
}
