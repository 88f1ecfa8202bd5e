/** `tidewatch budgets`: alarm budgets of products and groups beside the default. Changes go through the public SQL function. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Client } from 'pg';
import { parseBudget } from '#load-config';
import { askDatabase } from './with-database.js';

export function registerBudgets(program: Command): void {
  const budgets = program.command('budgets').description('alarm budgets of products and groups beside SURGE_ALARM_BUDGET: list, set, unset');
  budgets.command('list').description('which products and groups have one of their own')
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- budgets list\n')
    .action(async ({ json }: { json: boolean }) => {
      const { rows } = await askBudgets((client) => client.query<{ scope: string; name: string; budget: string }>('select scope, name, budget, per_day, set_by, set_at from tidewatch.alarm_budgets order by scope, name'));
      if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else process.stdout.write(rows.length === 0 ? 'SURGE_ALARM_BUDGET holds for every product.\n' : rows.map((row) => `${row.budget}  ${row.scope} ${plain(row.name)}\n`).join(''));
    });
  budgets.command('set').description('give one to a product, or to each product of a group').argument('<scope>', 'product or group').argument('<name>', 'product id, or name of the group').argument('<budget>', 'such as 1/quarter')
    .addHelpText('after', '\nExamples:\n  npm run tidewatch -- budgets set product kettle-1 1/week\n  npm run tidewatch -- budgets set group kitchen 2/quarter\n')
    .action(async (scope: string, name: string, budget: string) => {
      parseBudget(budget, 'The budget');
      await setBudget(scope, name, budget);
      process.stdout.write(`${scope} ${JSON.stringify(name)}: ${budget} false alarms${scope === 'group' ? ' for each of its products' : ''}.\n`);
    });
  budgets.command('unset').description('take it back').argument('<scope>', 'product or group').argument('<name>', 'product id, or name of the group')
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- budgets unset product kettle-1\n')
    .action(async (scope: string, name: string) => {
      await setBudget(scope, name, null);
      process.stdout.write(`${scope} ${JSON.stringify(name)} has none of its own.\n`);
    });
}

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');

async function setBudget(scope: string, name: string, budget: string | null): Promise<void> {
  await askBudgets((client) => client.query('select tidewatch.set_alarm_budget($1, $2, $3, $4)', [scope, name, budget, userInfo().username]));
}

const askBudgets = <T>(work: (client: Client) => Promise<T>): Promise<T> => askDatabase(work, 'tidewatch budgets');
