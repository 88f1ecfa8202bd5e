import { afterEach, beforeEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from './lock.js';

const module = JSON.stringify(new URL('./lock.js', import.meta.url).href);
const script = (body: string) => ['--input-type=module', '-e', `import { tryLock } from ${module}; ${body}`];

describe('a lock between processes', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidewatch-lock-'));
    path = join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has one holder at a time and is free again when given back', () => {
    const release = tryLock(path);
    assert.ok(release);
    assert.equal(tryLock(path), null);
    release();
    tryLock(path)?.();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of a process that ended without giving it back is taken over', () => {
    const ended = spawnSync(process.execPath, script(`tryLock(${JSON.stringify(path)}); process.kill(process.pid, 'SIGKILL');`));
    assert.equal(ended.signal, 'SIGKILL');
    assert.deepEqual(readdirSync(folder), ['lock']);
    const release = tryLock(path);
    assert.ok(release);
    release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of a process whose number was given to another is taken over', () => {
    writeFileSync(path, `${process.pid}-1-abcdef`);
    assert.ok(tryLock(path));
  });

  it('lets several processes count without losing one, while holders are killed', async () => {
    const counter = join(folder, 'counter');
    writeFileSync(counter, '0');
    // Each adds 100; every tenth time the child kills itself with the lock held, after its write, and a successor goes on.
    const body = `
      import { readFileSync, writeFileSync } from 'node:fs';
      for (let done = Number(process.argv[1]); done < 100;) {
        const release = tryLock(${JSON.stringify(path)});
        if (release === null) continue;
        writeFileSync(${JSON.stringify(counter)}, String(Number(readFileSync(${JSON.stringify(counter)}, 'utf8')) + 1));
        done += 1;
        if (done % 50 === 0) { writeFileSync(${JSON.stringify(join(folder, 'done-'))} + process.argv[2], String(done)); process.kill(process.pid, 'SIGKILL'); }
        release();
      }`;
    const worker = async (name: string) => {
      for (let done = 0; done < 100; done = Number(readFileSync(join(folder, `done-${name}`), 'utf8'))) {
        const child = spawn(process.execPath, [...script(body), String(done), name], { stdio: ['ignore', 'ignore', 'inherit'] });
        await new Promise((ended) => child.once('exit', ended));
      }
    };
    await Promise.all(['a', 'b', 'c'].map(worker));
    assert.equal(readFileSync(counter, 'utf8'), '300');
  });
});
