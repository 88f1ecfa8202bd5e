import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { registerTrain, wholeNumber } from './train.js';

function program(): { command: Command; written: () => string } {
  let text = '';
  const command = new Command('tidewatch').exitOverride().configureOutput({ writeOut: (s) => { text += s; }, writeErr: (s) => { text += s; } });
  registerTrain(command);
  for (const train of command.commands) for (const one of [train, ...train.commands]) one.copyInheritedSettings(command);
  return { command, written: () => text };
}

describe('tidewatch train', () => {
  it('shows an example in the help of each kind', async () => {
    const { command, written } = program();
    await assert.rejects(command.parseAsync(['node', 'tidewatch', 'train', 'reviews', '--help']));
    assert.match(written(), /Example:\n {2}tidewatch train reviews --data/);
    assert.match(written(), /--resume/);
  });

  it('refuses an option that is not a whole number in bounds, before any work', async () => {
    const { command } = program();
    await assert.rejects(command.parseAsync(['node', 'tidewatch', 'train', 'reviews', '--threads', '3']), /--threads is 3; give a whole number from 1 to 2/);
    assert.throws(() => wholeNumber('--epochs', '1.5', 1, 9), /--epochs is 1.5/);
  });

  it('names the data that is missing', async () => {
    const { command } = program();
    await assert.rejects(command.parseAsync(['node', 'tidewatch', 'train', 'reviews', '--data', 'no-such-folder', '--json']), /is not in the data folder/);
  });
});
