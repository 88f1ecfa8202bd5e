/**
 * The broker's jars: listed by a small pom, brought by Maven once, into a folder that appears whole or not at all.
 * Java 17 runs them; where Java or Maven is absent the file log carries the streams and this says what to install.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TidewatchError } from '#contracts';

export type KafkaRequirements = { readonly ok: true } | { readonly ok: false; readonly missing: string; readonly advice: string };

const EXPECTED_JARS = 46;
const MIN_JAVA = 17;

/** pom.xml and log4j2.properties lie in the source tree; dist/ mirrors it. */
export function kafkaAsset(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'libs', 'local-services', 'kafka', name);
}

export const jarFolder = (home: string) => join(home, 'kafka', 'libs');

const jarsPresent = (home: string) => existsSync(jarFolder(home)) && readdirSync(jarFolder(home)).filter((file) => file.endsWith('.jar')).length >= EXPECTED_JARS;

export function kafkaRequirements(home: string): KafkaRequirements {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = Number(/version "?(\d+)/.exec(java.stderr ?? '')?.[1] ?? 0);
  const advice = 'Install Java 17 or newer and Maven (Debian: apt-get install openjdk-17-jre-headless maven) for a real broker, or set KAFKA_BROKERS.';
  if (version < MIN_JAVA) return { ok: false, missing: version === 0 ? 'Java is absent' : `Java ${version} is too old`, advice };
  if (!jarsPresent(home) && spawnSync('mvn', ['-version']).status !== 0) return { ok: false, missing: 'Maven is absent', advice };
  return { ok: true };
}

/** Brings the jars when they are not there: 43 MB, some seconds. */
export async function bringJars(home: string, onProgress: (line: string) => void): Promise<string> {
  const folder = jarFolder(home);
  if (jarsPresent(home)) return folder;
  const arriving = `${folder}.arriving`;
  rmSync(arriving, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(arriving, { recursive: true });
  onProgress('bringing Kafka by Maven, once');
  const maven = spawn('mvn', ['-B', '-f', kafkaAsset('pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${arriving}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let fetched = 0;
  for (const stream of [maven.stdout, maven.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      fetched += chunk.toString().split('Downloaded from').length - 1;
      output = (output + chunk.toString()).slice(-4_000);
    });
  }
  const watch = setInterval(() => onProgress(`bringing Kafka by Maven: ${fetched} files fetched, ${readdirSync(arriving).length} of ${EXPECTED_JARS} jars in place`), 1_000);
  const code = await new Promise<number | null>((done) => {
    maven.once('exit', done);
    maven.once('error', () => done(-1));
  });
  clearInterval(watch);
  if (code !== 0) throw new TidewatchError('SERVICE_NOT_STARTED', `Maven could not bring Kafka's jars (exit ${code ?? 'by signal'}): ${output.trim().slice(-600)} Check that Maven reaches its repository, or set KAFKA_BROKERS.`);
  renameSync(arriving, folder);
  return folder;
}
