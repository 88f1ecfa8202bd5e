/** The console as `npm start` runs it: a child process with a channel, on a free port. Ended with its test, however that ends. */
import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { projectRoot } from '#load-config';

export interface RunningConsole {
  readonly url: string;
  readonly port: number;
  /** Everything it has said so far. */
  readonly said: () => string;
  stop(): Promise<void>;
}

export async function startConsole(databaseUrl: string, port = 0, environment: Readonly<Record<string, string>> = {}): Promise<RunningConsole> {
  const child = fork(join(projectRoot(), 'dist/apps/console/main.js'), [], {
    env: { ...process.env, DATABASE_URL: databaseUrl, PAGE_HOST: '127.0.0.1', PAGE_PORT: String(port), LOG_LEVEL: 'error', ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-1_000_000)));
  const url = await ready(child, () => said.slice(-4_000));
  // a hook that failed must not keep the test file alive: it ends, and the console with its channel
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref();
  return {
    url, port: Number(new URL(url).port), said: () => said,
    stop: () => new Promise((done) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        done();
        return;
      }
      child.ref();
      child.once('exit', () => done());
      child.kill('SIGTERM');
    }),
  };
}

function ready(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((done, refuse) => {
    child.on('message', (message: { kind?: string; url?: string }) => message.kind === 'ready' && done(message.url!));
    child.once('exit', (code) => refuse(new Error(`the console ended with ${code} before it was ready: ${said()}`)));
  });
}
