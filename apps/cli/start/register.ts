import type { Command } from 'commander';
import { start } from './start.js';

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('start local services, workers, scheduler, page and the simulated feed')
    .option('--feed', 'send the simulated feed (the default with a local broker)')
    .option('--no-feed', 'leave the simulated feed out')
    .option('--seed <number>', 'seed of the simulated feed', '7')
    .option('--fresh', 'delete what local services stored and begin anew, after asking', false)
    .option('--yes', 'do not ask', false)
    .addHelpText('after', '\nExample:\n  npm start -- --no-feed\n')
    .action(async (given: { feed?: boolean; seed: string; fresh: boolean; yes: boolean }, command: Command) => {
      const chosen = command.getOptionValueSource('feed') === 'default' ? undefined : given.feed;
      process.exitCode = await start({ feed: chosen, fresh: given.fresh, yes: given.yes, seed: Number(given.seed) });
      process.exit();
    });
}
