/** `tidewatch`: every command registers itself; a fault ends with one sentence, not with a stack. */
import { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { registerBacktest } from './backtest.js';
import { registerCalibrate } from './calibrate.js';
import { registerCalendar } from './calendar.js';
import { registerConnection } from './connection.js';
import { registerDoctor } from './doctor.js';
import { registerEvaluate } from './evaluate.js';
import { registerForecast } from './forecast.js';
import { registerFeed } from './feed.js';
import { registerBudgets } from './budgets.js';
import { registerGroups } from './groups.js';
import { registerMigrate } from './migrate.js';
import { registerModels } from './models.js';
import { registerNotify } from './notify.js';
import { registerPositions } from './positions.js';
import { registerReplay } from './replay.js';
import { registerScore } from './score.js';
import { settingsOfRun } from './running.js';
import { registerStart } from './start/register.js';
import { registerToken } from './token.js';
import { registerTrain } from './train.js';
import { openProducer } from '../stream-worker/open-parts.js';

const program = new Command('tidewatch')
  .description('Watches reviews and quotes through Kafka with stateful models.')
  .showHelpAfterError('(add --help for the options and an example)');

registerStart(program);
registerFeed(program, {
  openProducer: async () => {
    const producer = openProducer(settingsOfRun());
    await producer.start();
    return producer;
  },
  streams: () => {
    const { topics, partitions } = settingsOfRun();
    return { topics, partitions };
  },
});
registerTrain(program);
registerEvaluate(program);
registerBacktest(program);
registerForecast(program);
registerScore(program);
registerCalibrate(program);
registerMigrate(program);
registerConnection(program);
registerPositions(program);
registerReplay(program);
registerModels(program);
registerNotify(program);
registerToken(program);
registerCalendar(program);
registerBudgets(program);
registerGroups(program);
registerDoctor(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.stderr.write(error instanceof TidewatchError ? `${error.message}\n` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
