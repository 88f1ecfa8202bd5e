/** A worker as a real process, as the flow tests start, kill, freeze and stop it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { compiledFile, projectRoot } from '#load-config';

const STOP_PATIENCE_MS = 30_000;

export class WorkerProcess {
  private readonly child: ChildProcess;
  private output = '';
  readonly exited: Promise<void>;
  readonly ready: Promise<void>;
  /** Where it serves metrics and probes, once it is ready; '' where it serves none. */
  metrics = '';

  /** @param entry compiled entry relative to dist/, such as apps/review-worker/main.js */
  constructor(readonly entry: string, environment: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, ['--enable-source-maps', compiledFile(entry)], {
      cwd: projectRoot(), stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, LOG_LEVEL: 'warn', METRICS_PORT: '0', ...environment },
    });
    const keep = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-8_000);
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.exited = new Promise((done) => this.child.once('exit', () => done()));
    this.ready = new Promise((done, refuse) => {
      this.child.on('message', (report: { kind?: string; metrics?: string }) => {
        this.metrics = report.metrics ?? '';
        if (report.kind === 'ready') done();
      });
      this.child.once('exit', (code, signal) => refuse(new Error(`${entry} ended (${code ?? signal}) before it was ready:\n${this.output}`)));
    });
    this.ready.catch(() => undefined);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get lastOutput(): string {
    return this.output;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** The orderly way: asked over IPC, as the supervisor does. */
  async stop(): Promise<void> {
    if (this.alive && this.child.connected) this.child.send({ kind: 'stop', deadline: Date.now() + 5_000 }, () => undefined);
    const patience = new AbortController();
    const late = sleep(STOP_PATIENCE_MS, true, { signal: patience.signal }).catch(() => false);
    const hangs = await Promise.race([this.exited.then(() => false), late]);
    patience.abort();
    if (!hangs) return;
    await this.kill();
    throw new Error(`${this.entry} was asked to stop within 5 s and still ran after ${STOP_PATIENCE_MS / 1000} s:\n${this.output}`);
  }
}
