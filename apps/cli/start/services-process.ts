/**
 * The process that owns the local Postgres and the local Kafka. It is a process of its own so that both are stopped in
 * order even when `npm start` is killed with SIGKILL: then its IPC channel closes and it shuts them down.
 */
import { TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { kafkaRequirements, startKafka, startPostgres } from '#local-services';
import { liveUnderSupervisor, tellParent } from '../../stream-worker/child.js';

interface LocalService {
  stop(deadline: number): Promise<void>;
}

const services: LocalService[] = [];
const progress = (message: string) => tellParent({ kind: 'notice', message });

const giveUp = liveUnderSupervisor(async (deadline) => {
  await Promise.all(services.map((service) => service.stop(deadline - 200)));
});

try {
  const { home, databaseUrl, kafka, streamFolder } = loadSettings(process.env);
  const requirements = kafkaRequirements(home);
  const opening = {
    database: databaseUrl === null ? startPostgres({ home, onProgress: progress }) : null,
    broker: kafka === null && streamFolder === null && requirements.ok ? startKafka({ home, onProgress: progress }) : null,
  };
  const [database, broker] = await Promise.allSettled([opening.database, opening.broker]);
  for (const outcome of [database, broker]) if (outcome.status === 'fulfilled' && outcome.value !== null) services.push(outcome.value);
  if (database.status === 'rejected') throw database.reason;
  if (broker.status === 'rejected') throw broker.reason;
  tellParent({
    kind: 'ready',
    databaseUrl: database.value?.url ?? null,
    brokers: broker.value?.brokers ?? null,
    fileLogBecause: kafka === null && streamFolder === null && !requirements.ok ? `${requirements.missing}. ${requirements.advice}` : null,
  });
} catch (error) {
  process.stderr.write(`${error instanceof TidewatchError ? error.message : String((error as Error).stack)}\n`);
  giveUp('a service did not start', 1);
}
