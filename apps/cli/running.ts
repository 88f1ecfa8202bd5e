/** Settings as the running `npm start` has them: its addresses fill in what the environment leaves open. */
import { loadSettings, type Settings } from '#load-config';
import { isOurProcess, readRunFile, type RunFile } from './start/run-file.js';

export function currentRun(): RunFile | null {
  const run = readRunFile(loadSettings(process.env).home);
  return run !== null && (isOurProcess(run.pid) || isOurProcess(run.servicesPid)) ? run : null;
}

export function settingsOfRun(): Settings {
  const run = currentRun();
  const found: Record<string, string | undefined> = { ...process.env };
  if (run !== null) {
    found['DATABASE_URL'] ??= run.databaseUrl ?? undefined;
    if (found['KAFKA_BROKERS'] === undefined && found['STREAM_FOLDER'] === undefined) {
      found['KAFKA_BROKERS'] = run.brokers ?? undefined;
      found['STREAM_FOLDER'] = run.brokers === null ? run.streamFolder ?? undefined : undefined;
    }
  }
  return loadSettings(found);
}
