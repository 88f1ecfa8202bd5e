/** ensure-built.mjs in a folder of its own, with an npm and a compiler that only say when they begin and end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { projectRoot } from '#load-config';

const COMPILER = "const fs = require('node:fs'); fs.appendFileSync('log', 'tsc begins\\n'); setTimeout(() => fs.appendFileSync('log', 'tsc ends\\n'), 300);";
const NPM = `#!/bin/sh
echo "npm begins" >> log; rm -rf node_modules; sleep 0.5; mkdir -p node_modules/typescript/bin
cat > node_modules/typescript/bin/tsc <<'END'
${COMPILER}
END
echo {} > node_modules/.package-lock.json; echo "npm ends" >> log
`;
const ONCE = ['npm begins', 'npm ends', 'tsc begins', 'tsc ends'];

describe('installing and building before a command', { skip: process.platform === 'win32' ? 'the npm of this test is a shell script' : false }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidewatch-ensure-'));
    for (const name of ['apps/cli', 'bin']) mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(join(projectRoot(), 'apps/cli/ensure-built.mjs'), join(folder, 'apps/cli/ensure-built.mjs'));
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.json']) writeFileSync(join(folder, name), '{}');
    writeFileSync(join(folder, 'bin/npm'), NPM);
    chmodSync(join(folder, 'bin/npm'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const ensure = () => new Promise<{ code: number | null; said: string }>((done) => {
    const child = spawn(process.execPath, ['apps/cli/ensure-built.mjs'], { cwd: folder, env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, TIDEWATCH_SKIP_INSTALL: '' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => { said += String(chunk); });
    child.once('close', (code) => done({ code, said }));
  });
  const log = () => readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');

  it('is done once by commands that are begun together: the others wait and say so', async () => {
    const ended = await Promise.all([ensure(), ensure(), ensure()]);
    assert.deepEqual(ended.map(({ code }) => code), [0, 0, 0]);
    assert.deepEqual(log(), ONCE);
    assert.equal(ended.filter(({ said }) => said.includes('waiting for it')).length, 2);
    assert.match((await ensure()).said, /up to date/);
    assert.ok(!existsSync(join(folder, '.tidewatch/installing')));
  });

  it('does not wait for one that died', async () => {
    mkdirSync(join(folder, '.tidewatch'));
    writeFileSync(join(folder, '.tidewatch/installing'), String(2 ** 22 + 1)); // beyond the largest number that Linux gives
    assert.equal((await ensure()).code, 0);
    assert.deepEqual(log(), ONCE);
  });
});
