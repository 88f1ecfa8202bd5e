import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { registerTrain } from './train.js';
import { wholeNumber } from './until-stopped.js';

function program(): { command: Command; written: () => string } {
  let text = '';
  const command = new Command('tidewatch').exitOverride().configureOutput({ writeOut: (s) => { text += s; }, writeErr: (s) => { text += s; } });
  registerTrain(command);
  for (const train of command.commands) for (const one of [train, ...train.commands]) one.copyInheritedSettings(command);
  return { command, written: () => text };
}

describe('tidewatch train', () => {
  for (const kind of ['reviews', 'quotes']) {
    it(`shows an example in the help of ${kind}`, async () => {
      const { command, written } = program();
      await assert.rejects(command.parseAsync(['node', 'tidewatch', 'train', kind, '--help']));
      assert.match(written(), new RegExp(`Example:\n  tidewatch train ${kind} --data`));
      assert.match(written(), /--resume/);
    });
  }


  it('refuses an option that is not a whole number in bounds, before any work', async () => {
    const { command } = program();
    await assert.rejects(command.parseAsync(['node', 'tidewatch', 'train', 'reviews', '--threads', '3']), /--threads is 3; give a whole number from 1 to 2/);
    assert.throws(() => wholeNumber('--epochs', '1.5', 1, 9), /--epochs is 1.5/);
  });

  it('names the data that is missing', async () => {
    for (const [kind, said] of [['reviews', /is not in the data folder/], ['quotes', /quotes/]] as const) {
      await assert.rejects(program().command.parseAsync(['node', 'tidewatch', 'train', kind, '--data', 'no-such-folder', '--json']), said);
    }
  });
});
