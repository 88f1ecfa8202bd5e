import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { registerEvaluate } from './evaluate.js';

function program(): { command: Command; written: () => string } {
  let text = '';
  const command = new Command('tidewatch').exitOverride().configureOutput({ writeOut: (s) => { text += s; }, writeErr: (s) => { text += s; } });
  registerEvaluate(command);
  for (const one of command.commands) for (const each of [one, ...one.commands]) each.copyInheritedSettings(command);
  return { command, written: () => text };
}

describe('tidewatch evaluate reviews', () => {
  it('shows an example, and says when the newest tenth may be looked at', async () => {
    const { command, written } = program();
    await assert.rejects(command.parseAsync(['node', 'tidewatch', 'evaluate', 'reviews', '--help']));
    assert.match(written(), /Example:\n {2}tidewatch evaluate reviews --data/);
    assert.match(written(), /--test\s+the newest tenth instead of the dev tenth/);
  });

  it('names the data that is missing', async () => {
    await assert.rejects(program().command.parseAsync(['node', 'tidewatch', 'evaluate', 'reviews', '--data', 'no-such-folder', '--json']), /is not in the data folder/);
  });
});
