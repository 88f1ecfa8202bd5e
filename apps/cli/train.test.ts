import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      assert.match(written(), new RegExp(`Examples?:\n  tidewatch train ${kind} --data`));
      assert.match(written(), /--resume/);
    });
  }

  it('refuses an option that is not a whole number in bounds, before any work', async () => {
    const { command } = program();
    await assert.rejects(command.parseAsync(['node', 'tidewatch', 'train', 'reviews', '--threads', '3']), /--threads is 3; give a whole number from 1 to 2/);
    assert.throws(() => wholeNumber('--epochs', '1.5', 1, 9), /--epochs is 1.5/);
  });

  it('says of your own files what is wrong with them, before the long work', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'train-own-'));
    const file = join(folder, 'mine.csv');
    const rows = Array.from({ length: 200 }, (_, i) => `${i},kettle,"it boils ${i}",5,2024-01-${String(1 + (i % 28)).padStart(2, '0')}`);
    writeFileSync(file, ['id,sku,body,stars,date', ...rows, '900,kettle,late,great,2024-02-01', '901,kettle,none,,2024-02-01'].join('\n'));
    const run = (...flags: string[]) => program().command.parseAsync(['node', 'tidewatch', 'train', 'reviews', '--json', '--out', join(folder, 'model'), ...flags]);
    const said: string[] = [];
    const { error } = console;
    console.error = (line: string) => { said.push(line); };
    try {
      await assert.rejects(run('--data', file, '--map', 'reviewId=id,productId=sku,text=body,rating=stars,reviewedAt=date'), /Of mine\.csv, the \d+ texts to train on hold 0 negative ones \(1 or 2 stars\)/);
    } finally {
      console.error = error;
    }
    assert.match(said.join('\n'), /mine\.csv:202 refused: .*great[\s\S]*mine\.csv:203 refused: .*rating/);
    await assert.rejects(run('--data', file), /has the columns id, sku, body, stars, date; expected .*text/);
    await assert.rejects(run('--data', folder, '--map', 'text=body'), /--map names columns of your own files, but .* is a folder/);
    await assert.rejects(run('--data', file, folder), /a folder, among 2 paths/);
    await assert.rejects(run('--data', file, '--from', 'models/reviews-v5', '--word-vectors'), /--from and --word-vectors were both given/);
    await assert.rejects(run('--data', file, '--from', 'models/quotes-v2'), /Training cannot go on from quotes-v2.*it has no encoder/);
    rmSync(folder, { recursive: true });
  });

  it('names the data that is missing', async () => {
    for (const [kind, said] of [['reviews', /--data no-such-folder does not exist/], ['quotes', /quotes/]] as const) {
      await assert.rejects(program().command.parseAsync(['node', 'tidewatch', 'train', kind, '--data', 'no-such-folder', '--json']), said);
    }
  });
});
