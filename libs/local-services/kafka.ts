/**
 * One local Kafka broker: a real Apache Kafka in KRaft mode, broker and controller in one process, on loopback only.
 * It runs in a process group of its own, so that a Ctrl-C reaches only the one who owns it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidewatchError } from '#contracts';
import { freePort } from './free-port.js';
import { bringJars, kafkaAsset } from './kafka-jars.js';

export interface LocalKafkaOptions {
  readonly home: string;
  /** Wanted port; another is taken when it is in use. */
  readonly port?: number;
  /** Where the jars are kept, when not under `home`. */
  readonly jarHome?: string;
  readonly onProgress?: (line: string) => void;
}

export interface LocalKafka {
  readonly brokers: string;
  stop(deadline: number): Promise<void>;
}

const DEFAULT_PORT = 7492;
const READY_MS = 45_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export async function startKafka({ home, port = DEFAULT_PORT, jarHome = home, onProgress = () => undefined }: LocalKafkaOptions): Promise<LocalKafka> {
  const jars = await bringJars(jarHome, onProgress);
  const folder = join(home, 'kafka');
  const pidFile = join(folder, 'broker.pid');
  mkdirSync(folder, { recursive: true });
  await endLeftBroker(pidFile, onProgress);
  const brokerPort = await freePort(port);
  const controllerPort = await freePort(brokerPort + 1);
  const configuration = join(folder, 'server.properties');
  writeFileSync(configuration, serverProperties(join(folder, 'data'), brokerPort, controllerPort));
  const java = (mainClass: string, args: readonly string[]) => [
    '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${kafkaAsset('log4j2.properties')}`,
    `-Dtidewatch.kafka.log=${join(folder, 'server.log')}`, '-cp', [join(jars, '*')].join(delimiter), mainClass, ...args,
  ];
  if (!existsSync(join(folder, 'data', 'meta.properties'))) {
    onProgress('formatting the broker\'s storage');
    const formatted = spawnSync('java', java('kafka.tools.StorageTool', ['format', '-t', clusterId(), '-c', configuration]), { encoding: 'utf8' });
    if (formatted.status !== 0) throw new TidewatchError('SERVICE_NOT_STARTED', `Kafka's storage could not be formatted: ${`${formatted.stdout}${formatted.stderr}`.trim().slice(-600)}`);
  }
  onProgress('waiting for the broker');
  const broker = spawn('java', java('kafka.Kafka', [configuration]), { detached: true, stdio: 'ignore' });
  writeFileSync(pidFile, String(broker.pid));
  await untilListening(broker, brokerPort, join(folder, 'server.log'));
  return {
    brokers: `127.0.0.1:${brokerPort}`,
    stop: async (deadline) => {
      await end(broker, deadline);
      rmSync(pidFile, { force: true });
    },
  };
}

/** 16 random bytes in base64, as Kafka wants them; the first below 0x80, because an id that begins with "-" is taken for an option. */
function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = bytes[0]! & 0x7f;
  return bytes.toString('base64url');
}

/** One node: every internal topic has one replica; a member that dies is noticed within the session timeout it asked for. */
function serverProperties(data: string, port: number, controllerPort: number): string {
  return [
    'process.roles=broker,controller', 'node.id=1', `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`, `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER', 'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT', 'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${data}`, 'offsets.topic.replication.factor=1', 'offsets.topic.num.partitions=4', 'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1', 'group.initial.rebalance.delay.ms=0', 'group.min.session.timeout.ms=1000', 'auto.create.topics.enable=false',
    `message.max.bytes=${MAX_MESSAGE_BYTES}`, 'controlled.shutdown.enable=false',
    // After a restart the old registration must run out first: 9 s by default.
    'broker.session.timeout.ms=2500', 'broker.heartbeat.interval.ms=500', '',
  ].join('\n');
}

async function untilListening(broker: ChildProcess, port: number, log: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    if (broker.exitCode !== null || broker.signalCode !== null) throw new TidewatchError('SERVICE_NOT_STARTED', `Kafka ended while starting (${broker.exitCode ?? broker.signalCode}). Its log: ${log}\n${lastLines(log)}`);
    if (await listens(port)) return;
    if (Date.now() > deadline) {
      await end(broker, Date.now());
      throw new TidewatchError('SERVICE_NOT_STARTED', `Kafka did not listen on port ${port} within ${READY_MS / 1000} s. Its log: ${log}\n${lastLines(log)}`);
    }
    await sleep(50);
  }
}

const lastLines = (log: string) => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : '');

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (yes: boolean) => {
      socket.destroy();
      done(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** SIGTERM, then SIGKILL at the deadline: what was acknowledged is in the page cache and survives either. */
async function end(broker: ChildProcess, deadline: number): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const gone = new Promise<void>((done) => broker.once('exit', () => done()));
  broker.kill('SIGTERM');
  const timer = setTimeout(() => broker.kill('SIGKILL'), Math.max(0, deadline - Date.now()));
  await gone;
  clearTimeout(timer);
}

/** A broker whose owner was killed together with its watcher still holds the data folder: it is ours to end. */
async function endLeftBroker(pidFile: string, onProgress: (line: string) => void): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const alive = () => {
    try {
      process.kill(pid, 0);
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('kafka.Kafka');
    } catch {
      return false;
    }
  };
  if (alive()) {
    onProgress(`ending a broker that an earlier run left behind (process ${pid})`);
    process.kill(pid, 'SIGTERM');
    for (const deadline = Date.now() + 8_000; alive(); await sleep(100)) if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
  }
  rmSync(pidFile, { force: true });
}
