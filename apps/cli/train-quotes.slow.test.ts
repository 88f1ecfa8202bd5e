import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import { walkReturns } from '#forecast-prices';
import { loadSettings } from '#load-config';
import type { QuoteCard } from '#train-models';
import { openModel } from '../stream-worker/open-model.js';
import { offlineScoring } from './offline-quotes.js';
import { parseHorizons, registerTrainQuotes } from './train-quotes.js';

const folder = mkdtempSync(join(tmpdir(), 'train-quotes-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'mine.csv');
const train = async (...flags: string[]): Promise<void> => {
  const command = new Command('train').exitOverride();
  registerTrainQuotes(command);
  await command.parseAsync(['node', 'train', 'quotes', '--data', file, '--out', join(folder, 'model'), '--json', ...flags]);
};

/** Hours of three symbols, as somebody's export has them: other names, a bar twice, a row without a price. */
const rows = [0, 1, 2].flatMap((symbol) => {
  let close = 100;
  return [...walkReturns('garch', 500, 7 + symbol)].map((r, hour) => `S${symbol},${new Date(Date.UTC(2024, 0, 1, hour)).toISOString()},${(close *= Math.exp(r)).toFixed(6)}`);
});
writeFileSync(file, ['ticker,date,price', ...rows, rows[10]!, 'S1,2024-03-01T00:00:00Z,'].join('\n'));

describe('tidewatch train quotes on one’s own bars', () => {
  it('learns the horizons asked for, says what it left out, and gives a model that serves', async (t) => {
    const [out, err] = [t.mock.method(console, 'log', () => undefined), t.mock.method(console, 'error', () => undefined)];
    await train('--map', 'symbol=ticker,at=date,close=price', '--horizons', '1,4', '--epochs', '1');
    const card = JSON.parse(String(out.mock.calls[0]!.arguments[0])) as QuoteCard;
    assert.match(String(err.mock.calls[0]!.arguments[0]), /^left out: .*1 x missing_field/);
    assert.match(String(err.mock.calls[0]!.arguments[0]), /1 x repeated_bar/);
    assert.deepEqual(card.data.map(({ file: name, rows: bars, symbols, licence }) => [name, bars, symbols, licence]), [['mine.csv', 1500, 3, 'your own']]);
    assert.match(readFileSync(join(folder, 'model/card.md'), 'utf8'), /log return 1, 4 bars ahead/);
    const model = await openModel(join(folder, 'model'), loadSettings({}));
    assert.deepEqual(offlineScoring(model).forecast.horizons, [1, 4]);
    await model.close();
  });

  it('says what is wrong before any work', async () => {
    await assert.rejects(train('--map', 'symbol=isin'), { code: 'INPUT_FILE_INVALID', message: /has the columns ticker, date, price; expected symbol/ });
    await assert.rejects(train('--horizons', '5,1'), { code: 'SETTING_INVALID', message: /--horizons is 5,1; expected whole numbers/ });
    assert.throws(() => parseHorizons('1,x'), { code: 'SETTING_INVALID' });
    assert.deepEqual(parseHorizons('1,2,20'), [1, 2, 20]);
  });
});
