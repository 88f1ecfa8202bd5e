// Runs before every npm script, in plain JavaScript because nothing is built yet: installs from the lock file when
// node_modules is absent or older than the lock, and compiles when a source is newer than the last build. One at a time: a
// second npm command waits for the first, since npm empties node_modules under whoever reads it.
// --quiet says nothing when there is nothing to do.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const REQUIRED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  console.error(`Tidewatch needs Node ${REQUIRED.join('.')} or newer; this is ${process.versions.node}. Install a current Node (https://nodejs.org) and run the command again.`);
  process.exit(1);
}

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function newest(folder, extension) {
  if (!existsSync(folder)) return 0;
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path, extension));
    else if (entry.name.endsWith(extension)) latest = Math.max(latest, modified(path));
  }
  return latest;
}

/** Runs a command to its end, with a sign of life every two seconds; its output only when it fails. */
async function step(sentence, command, args) {
  const begun = Date.now();
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  process.stderr.write(`${sentence} ...`);
  const life = setInterval(() => process.stderr.write(` ${seconds()} ...`), 2_000);
  const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
  const code = await new Promise((done) => {
    child.once('close', done);
    child.once('error', (error) => {
      output += error.message;
      done(1);
    });
  });
  clearInterval(life);
  if (code !== 0) {
    process.stderr.write(` failed\n${output}\n`);
    process.exit(1);
  }
  process.stderr.write(` ${seconds()}\n`);
}

const lock = join(root, '.tidewatch/installing');

/** Waits while another process holds the lock. One that died left its number behind, and is passed over. */
async function takeLock() {
  mkdirSync(dirname(lock), { recursive: true });
  for (let said = false; ; said = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      process.once('exit', () => rmSync(lock, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!holderLives()) rmSync(lock, { force: true });
    else if (!said) process.stderr.write('Another command installs or builds here; waiting for it.\n');
    await setTimeout(300);
  }
}

function holderLives() {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    return holder === 0 ? Date.now() - modified(lock) < 5_000 : process.kill(holder, 0); // 0: the file is there, its number not yet
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const installed = join(root, 'node_modules/.package-lock.json');
const needsInstall = () => modified(installed) < modified(join(root, 'package-lock.json')) && !process.env.TIDEWATCH_SKIP_INSTALL;
const stamp = join(root, 'dist/.built');
const needsBuild = () => modified(stamp) < Math.max(
  modified(join(root, 'tsconfig.json')), modified(join(root, 'package.json')),
  ...['apps', 'libs', 'migrations', 'dashboards', 'test'].map((folder) => newest(join(root, folder), '.ts')),
);

if (needsInstall() || needsBuild()) {
  await takeLock();
  if (needsInstall()) await step('Installing packages from the lock file', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (needsBuild()) {
    const begun = new Date();
    if (modified(stamp) === 0) rmSync(join(root, 'dist'), { recursive: true, force: true });
    await step('Building', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, `${begun.toISOString()}\n`);
  }
} else if (!process.argv.includes('--quiet')) {
  process.stderr.write('Packages and build are up to date.\n');
}
