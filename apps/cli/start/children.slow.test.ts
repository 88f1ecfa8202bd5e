import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Children } from './children.js';

const SILENT_MS = 2_000;

describe('Children', () => {
  let home = '';
  let children: Children;
  const child = (talks: number) => ({ name: 'talking', entry: 'apps/cli/start/talking-child.js', environment: { TALKS: String(talks) }, restart: false });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tidewatch-children-'));
    children = new Children(home, () => undefined, () => undefined, SILENT_MS);
  });
  afterEach(async () => {
    await children.stop(['talking'], Date.now() + 2_000);
    rmSync(home, { recursive: true, force: true });
  });

  it('waits for a child for as long as it reports progress', async () => {
    const begun = Date.now();
    let notices = 0;
    const report = await children.start(child(30), () => { notices += 1; });
    assert.equal(report.kind, 'ready');
    assert.equal(notices, 30);
    assert.ok(Date.now() - begun > SILENT_MS, 'the child must take longer than the silence that is allowed');
  });

  it('gives up on a child that is not ready and says nothing, naming its log', async () => {
    await assert.rejects(children.start(child(0)), /talking was not ready and said nothing for 2 s; its log is .*talking\.log/);
  });
});
