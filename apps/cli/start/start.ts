/**
 * `npm start`: local services, migrations, topics, workers, scheduler, page and the simulated feed, in that order, each
 * its own process; Ctrl-C stops them in the reverse order in under ten seconds. Given DATABASE_URL or KAFKA_BROKERS it
 * uses those instead and starts none of its own.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { TidewatchError } from '#contracts';
import { migrate } from '#commit-postgres';
import { loadSettings, type Settings } from '#load-config';
import { deadLetterTopic } from '../../scheduler/dead-letter-message.js';
import { openProducer } from '../../stream-worker/open-parts.js';
import { Children } from './children.js';
import { isOurProcess, readRunFile, removeRunFile, waitForOldServices, writeRunFile, type RunFile } from './run-file.js';
import { say, step } from './steps.js';

export interface StartOptions {
  readonly feed: boolean | undefined;
  readonly fresh: boolean;
  readonly yes: boolean;
  readonly seed: number;
}

const APPS = ['review-worker', 'quote-worker', 'scheduler', 'console'] as const;
const STOP_APPS_MS = 4_000;
const STOP_SERVICES_MS = 4_500;

export async function start(options: StartOptions): Promise<number> {
  const settings = loadSettings(process.env);
  const { home } = settings;
  const earlier = readRunFile(home);
  if (earlier !== null && isOurProcess(earlier.pid)) {
    say(`Tidewatch runs here already (process ${earlier.pid}, page ${earlier.page ?? 'not up yet'}). Stop it with Ctrl-C in its terminal, or set TIDEWATCH_HOME to run a second one beside it.`);
    return 1;
  }
  if (isOurProcess(earlier?.servicesPid ?? null)) {
    await step('Waiting for the services of the last run to end', async () => {
      if (!(await waitForOldServices(earlier, Date.now() + 20_000))) throw new TidewatchError('SERVICE_NOT_STARTED', `Process ${earlier?.servicesPid} still holds the local services of an earlier run. End it, then start again.`);
    });
  }
  if (options.fresh && !(await forgetEverything(settings, options.yes))) return 1;
  return new Run(settings, options).untilStopped();
}

/** Deletes what local services stored, after asking. Never touches a database or a broker that we did not start. */
async function forgetEverything(settings: Settings, yes: boolean): Promise<boolean> {
  if (settings.databaseUrl !== null || settings.kafka !== null) {
    say('--fresh deletes only local services, and DATABASE_URL or KAFKA_BROKERS points elsewhere: nothing was deleted. Unset them, or empty that database yourself.');
    return false;
  }
  if (!yes) {
    if (!process.stdin.isTTY) {
      say(`--fresh deletes all scores, surges, forecasts and streams in ${settings.home} and asks first, but there is no terminal to answer on. Add --yes to confirm.`);
      return false;
    }
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await prompt.question(`Delete all scores, surges, forecasts and streams in ${settings.home}? [y/N] `);
    prompt.close();
    if (!/^y(es)?$/i.test(answer.trim())) {
      say('Nothing was deleted.');
      return false;
    }
  }
  for (const part of ['postgres', 'postgres.place', 'postgres.password', 'kafka/data', 'streams', 'feed', 'logs']) rmSync(join(settings.home, part), { recursive: true, force: true });
  return true;
}

class Run {
  private readonly children: Children;
  private file: RunFile = { pid: process.pid, servicesPid: null, startedAt: new Date().toISOString(), databaseUrl: null, brokers: null, streamFolder: null, page: null };
  private end: (exitCode: number) => void = () => undefined;
  private readonly ended = new Promise<number>((done) => {
    this.end = done;
  });

  constructor(private readonly settings: Settings, private readonly options: StartOptions) {
    this.children = new Children(settings.home, say, (name, code) => {
      if (name === 'feed') return;
      say(`${name} ended unexpectedly (${code ?? 'killed'}). Its log: ${this.children.logFile(name)}. Stopping everything.`);
      this.end(1);
    });
  }

  async untilStopped(): Promise<number> {
    let interrupts = 0;
    const interrupt = () => {
      interrupts += 1;
      if (interrupts === 1) this.end(0);
      else if (interrupts === 2) say('Stopping already; a third time kills at once.');
      else process.exit(130); // the children notice that we are gone
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    this.save({});
    void this.bringUp().catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      this.end(1);
    });
    const exitCode = await this.ended;
    await this.bringDown();
    return exitCode;
  }

  private save(change: Partial<RunFile>): void {
    this.file = { ...this.file, ...change };
    writeRunFile(this.settings.home, this.file);
  }

  private async bringUp(): Promise<void> {
    const environment = await this.startServices();
    await step('Bringing the database up to date', (progress) => migrate(environment.DATABASE_URL, progress));
    const settings = loadSettings({ ...process.env, ...environment });
    await step('Creating topics', async () => {
      const producer = openProducer(settings);
      await producer.start();
      const { reviews, quotes } = settings.topics;
      for (const topic of [...Object.values(settings.topics), deadLetterTopic(reviews), deadLetterTopic(quotes)]) await producer.ensureTopic(topic, settings.partitions);
      await producer.stop();
    });
    const port = await freePort(settings.page.port, settings.page.host);
    if (port !== settings.page.port) say(`Port ${settings.page.port} is taken; the page uses ${port}.`);
    const all = { ...environment, PAGE_PORT: String(port) };
    const [, , , page] = await step('Starting workers, scheduler and page', () =>
      Promise.all(APPS.map((name) => this.children.start({ name, entry: `apps/${name}/main.js`, environment: all, restart: true }))));
    const address = textOf(page?.['url']) ?? `http://${settings.page.host}:${port}`;
    this.save({ page: address });
    const simulated = this.options.feed ?? (this.settings.kafka === null);
    if (simulated) await this.children.start({ name: 'feed', entry: 'apps/cli/start/feed-process.js', environment: { ...all, FEED_SEED: String(this.options.seed) }, restart: true });
    say(`\nTidewatch runs.\n  page       ${address}\n  database   tidewatch connection prints its address\n  streams    ${environment.KAFKA_BROKERS === undefined ? 'file log' : `Kafka at ${environment.KAFKA_BROKERS}`}\n  feed       ${simulated ? 'simulated: a surge opens and closes within five minutes' : 'none; send with npm run tidewatch -- feed reviews FILE'}\n  logs       ${join(this.settings.home, 'logs')}\nCtrl-C stops everything.`);
  }

  private async startServices(): Promise<{ DATABASE_URL: string; KAFKA_BROKERS?: string; STREAM_FOLDER?: string }> {
    const { databaseUrl, kafka, streamFolder, home } = this.settings;
    let database = databaseUrl;
    let brokers = kafka?.brokers.join(',') ?? null;
    let files = streamFolder;
    if (database === null || (brokers === null && files === null)) {
      const report = await step(`Starting ${[database === null ? 'Postgres' : '', brokers === null && files === null ? 'Kafka' : ''].filter(Boolean).join(' and ')}`, async (progress) => {
        const ready = this.children.start({ name: 'services', entry: 'apps/cli/start/services-process.js', environment: {}, restart: false }, (notice) => progress(notice.message ?? ''));
        this.save({ servicesPid: this.children.pid('services') });
        return ready;
      });
      database ??= textOf(report['databaseUrl']);
      brokers ??= textOf(report['brokers']);
      if (brokers === null && files === null) {
        files = join(home, 'streams');
        say(`No Kafka: ${textOf(report['fileLogBecause']) ?? ''} Until then the same pipeline runs over the file log in ${files}.`);
      }
    }
    if (database === null) throw new TidewatchError('SERVICE_NOT_STARTED', 'The local Postgres did not say where it listens; its log is in .tidewatch/logs/services.log.');
    this.save({ databaseUrl: database, brokers, streamFolder: files });
    return { DATABASE_URL: database, ...(brokers === null ? { STREAM_FOLDER: files! } : { KAFKA_BROKERS: brokers }) };
  }

  private async bringDown(): Promise<void> {
    say('\nStopping ...');
    const begun = Date.now();
    await this.children.stop(this.children.names().filter((name) => name !== 'services'), begun + STOP_APPS_MS);
    await this.children.stop(['services'], Date.now() + STOP_SERVICES_MS);
    removeRunFile(this.settings.home);
    say(`Stopped in ${((Date.now() - begun) / 1000).toFixed(1)} s. Everything that was committed is kept; npm start goes on from there.`);
  }
}

/** What a child reports, when it is text. */
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The wanted port when it is free, else any free one. */
function freePort(wanted: number, host: string): Promise<number> {
  const listen = (port: number) => new Promise<number>((done, refuse) => {
    const server = createServer();
    server.once('error', refuse);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
  return listen(wanted).catch(() => listen(0));
}
