/** What benches over real services share: one Postgres and one Kafka of their own, and what the kernel says of a process. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { compiledFile, projectRoot } from '#load-config';

export interface BenchServices {
  readonly brokers: string;
  /** Stops both and ends this process. */
  stop(): void;
}

/** Puts TEST_DATABASE_URL and TEST_KAFKA_BROKERS into this process's environment. */
export async function startServices(): Promise<BenchServices> {
  const services = spawn(process.execPath, [compiledFile('libs/testkit/start-services.js')], { cwd: projectRoot(), stdio: ['pipe', 'pipe', 'inherit'] });
  const environment = await new Promise<Record<string, string>>((done) => {
    let text = '';
    services.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) done(JSON.parse(text) as Record<string, string>);
    });
  });
  Object.assign(process.env, environment);
  return {
    brokers: environment['TEST_KAFKA_BROKERS']!,
    stop: () => {
      services.once('exit', () => process.exit(0));
      services.stdin.end();
    },
  };
}

/** CPU seconds spent so far and resident memory, from the kernel. */
export function usageOf(pid: number): { cpuSeconds: number; rssMb: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpuSeconds: ticks / 100, rssMb: (pages * 4096) / 1024 ** 2 };
}
