import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { registerModels } from './models.js';

function program(): { run: (...args: string[]) => Promise<unknown>; written: () => string } {
  let text = '';
  const command = new Command('tidewatch').exitOverride().configureOutput({ writeOut: (s) => { text += s; }, writeErr: (s) => { text += s; } });
  registerModels(command);
  for (const models of command.commands) for (const one of [models, ...models.commands]) one.copyInheritedSettings(command);
  return { run: (...args) => command.parseAsync(['node', 'tidewatch', 'models', ...args]), written: () => text };
}

describe('tidewatch models', () => {
  for (const [name, flag] of [['list', '--json'], ['activate', '--rewarm']] as const) {
    it(`shows the flags and an example in the help of ${name}`, async () => {
      const { run, written } = program();
      await assert.rejects(run(name, '--help'));
      assert.match(written(), new RegExp(flag));
      assert.match(written(), /Examples?:\n.*npm run tidewatch -- models/);
    });
  }

  it('refuses a flag that it does not know', async () => {
    const { run, written } = program();
    await assert.rejects(run('list', '--yaml'));
    await assert.rejects(run('activate'));
    assert.match(written(), /unknown option '--yaml'[\s\S]*missing required argument 'model'/);
  });

  it('refuses how states should begin where that cannot be meant, before a model is looked for', async () => {
    const activate = (...flags: string[]) => program().run('activate', 'no-such-model', ...flags);
    await assert.rejects(activate('--rewarm', '20', '--cold'), /--rewarm and --cold were both given/);
    for (const count of ['0', '1001', '2.5', 'all']) await assert.rejects(activate('--rewarm', count), new RegExp(`--rewarm is "${count}": expected a whole number from 1 to 1000`));
    for (const flags of [['--rewarm', '1'], ['--rewarm', '1000'], ['--cold'], []]) await assert.rejects(activate(...flags), /No model\.json was found in .*no-such-model or .*models.no-such-model/);
  });

  it('refuses places that are none, and a partition that is named twice', async () => {
    const at = (places: string) => program().run('activate', 'no-such-model', '--at', places);
    for (const places of ['', 'reviews.v1', 'reviews.v1/0', 'reviews.v1/0:-1', 'reviews.v1/0:7,']) await assert.rejects(at(places), /--at ".*" cannot be read: expected topic\/partition:offset/);
    await assert.rejects(at('reviews.v1/0:7,reviews.v1/0:8'), /--at names a partition twice/);
    await assert.rejects(at('reviews.v1/0:7, reviews.v1/1:8'), /No model\.json was found/);
  });

  it('changes review models only, and to a folder that holds one', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'models-flags-'));
    await assert.rejects(program().run('activate', empty), /No model\.json was found/);
    await assert.rejects(program().run('activate', 'quotes-v2'), /is a model for quotes; only review models are changed/);
    rmSync(empty, { recursive: true });
  });
});
