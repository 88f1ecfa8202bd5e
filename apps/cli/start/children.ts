/**
 * The processes of `npm start`. Each child leads its own process group, so that a Ctrl-C reaches the parent alone and
 * the order of stopping is ours; each writes to its own log file rather than to a pipe of ours, so that it survives our
 * death long enough to stop in order; each watches the IPC channel, which the kernel closes when we are gone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledFile, projectRoot } from '#load-config';
import type { ChildReport, StopRequest } from '../../stream-worker/child.js';

export interface ChildSpec {
  readonly name: string;
  /** Compiled entry, relative to dist/. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly restart: boolean;
}

interface Running {
  readonly spec: ChildSpec;
  process: ChildProcess;
  restarts: number;
  startedAt: number;
}

/** Silence before a child is ready that is taken for a hang. What reports progress may take its time: a first start fetches 100 MB. */
const SILENT_MS = 60_000;
const HEALTHY_AFTER_MS = 30_000;

export class Children {
  private readonly running = new Map<string, Running>();
  private stopping = false;

  constructor(
    private readonly home: string,
    private readonly say: (line: string) => void,
    private readonly lost: (name: string, code: number | null) => void,
    private readonly silentMs = SILENT_MS,
  ) {
    mkdirSync(join(home, 'logs'), { recursive: true });
  }

  logFile(name: string): string {
    return join(this.home, 'logs', `${name}.log`);
  }

  pid(name: string): number | null {
    return this.running.get(name)?.process.pid ?? null;
  }

  /** Resolves with the child's ready report. */
  async start(spec: ChildSpec, onNotice: (report: ChildReport) => void = () => undefined): Promise<ChildReport> {
    const entry: Running = { spec, process: this.spawn(spec), restarts: 0, startedAt: Date.now() };
    this.running.set(spec.name, entry);
    return this.watch(entry, onNotice);
  }

  private spawn(spec: ChildSpec): ChildProcess {
    const log = openSync(this.logFile(spec.name), 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', compiledFile(spec.entry)], {
      cwd: projectRoot(), detached: true, stdio: ['ignore', log, log, 'ipc'], env: { ...process.env, ...spec.environment },
    });
    closeSync(log);
    return child;
  }

  private watch(entry: Running, onNotice: (report: ChildReport) => void): Promise<ChildReport> {
    const child = entry.process;
    let wasReady = false;
    return new Promise((ready, refuse) => {
      const late = setTimeout(() => refuse(new Error(`${entry.spec.name} was not ready and said nothing for ${this.silentMs / 1000} s; its log is ${this.logFile(entry.spec.name)}`)), this.silentMs);
      child.on('message', (report: ChildReport) => {
        if (report.kind === 'ready') {
          clearTimeout(late);
          wasReady = true;
          ready(report);
        } else {
          if (!wasReady) late.refresh();
          onNotice(report);
        }
      });
      child.once('exit', (code) => {
        clearTimeout(late);
        refuse(new Error(`${entry.spec.name} ended with ${code ?? 'a signal'} before it was ready.\n${this.lastLines(entry.spec.name)}`));
        if (!this.stopping && (wasReady || entry.restarts > 0)) this.ended(entry, code);
      });
    });
  }

  private ended(entry: Running, code: number | null): void {
    if (!entry.spec.restart) {
      this.running.delete(entry.spec.name);
      this.lost(entry.spec.name, code);
      return;
    }
    if (Date.now() - entry.startedAt > HEALTHY_AFTER_MS) entry.restarts = 0;
    const wait = Math.min(30_000, 500 * 2 ** entry.restarts);
    this.say(`${entry.spec.name} ended (${code ?? 'killed'}); starting it again in ${wait / 1000} s. Log: ${this.logFile(entry.spec.name)}`);
    setTimeout(() => {
      if (this.stopping) return;
      entry.restarts += 1;
      entry.startedAt = Date.now();
      entry.process = this.spawn(entry.spec);
      this.watch(entry, () => undefined).then(() => this.say(`${entry.spec.name} is back`), () => undefined);
    }, wait);
  }

  /** Asks these children to stop, waits until the deadline (epoch ms), then kills what is left. */
  async stop(names: readonly string[], deadline: number): Promise<void> {
    this.stopping = true;
    await Promise.all(names.map(async (name) => {
      const child = this.running.get(name)?.process;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((done) => child.once('exit', () => done()));
      if (child.connected) child.send({ kind: 'stop', deadline } satisfies StopRequest, () => undefined);
      else child.kill('SIGTERM');
      const kill = setTimeout(() => {
        this.say(`${name} did not stop in time and is killed`);
        child.kill('SIGKILL');
      }, Math.max(0, deadline + 300 - Date.now()));
      await gone;
      clearTimeout(kill);
    }));
  }

  names(): string[] {
    return [...this.running.keys()];
  }

  private lastLines(name: string): string {
    try {
      return readFileSync(this.logFile(name), 'utf8').trimEnd().split('\n').slice(-6).join('\n');
    } catch {
      return '';
    }
  }
}
