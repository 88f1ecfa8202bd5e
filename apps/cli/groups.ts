/** `tidewatch groups`: which products belong together, so that a surge that widens is one. Changes go through the public SQL functions. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Client } from 'pg';
import { TidewatchError } from '#contracts';
import { openInputFile } from '#read-files';
import { askDatabase } from './with-database.js';

interface Member {
  readonly productId: string;
  readonly group: string;
}

const PRODUCT_COLUMNS = ['product_id', 'productId', 'product'];
const GROUP_COLUMNS = ['group_name', 'group', 'groupName'];
const LONGEST_PRODUCT = 1_000;
const LONGEST_GROUP = 200;

export function registerGroups(program: Command): void {
  const groups = program.command('groups').description('groups of products: a surge that widens to several products of one is told as one');
  groups.command('list', { isDefault: true }).description('list products with their groups')
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- groups list\n')
    .action(async ({ json }: { json: boolean }) => {
      const { rows } = await askGroups((client) => client.query<{ product_id: string; group_name: string }>('select product_id, group_name from tidewatch.product_groups order by group_name, product_id'));
      if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else process.stdout.write(rows.length === 0 ? 'No product belongs to a group: tidewatch groups import FILE.csv takes many at once.\n' : rows.map((row) => `${plain(row.group_name)}  ${plain(row.product_id)}\n`).join(''));
    });
  groups.command('set').description('put products into a group').argument('<group>', 'its name').argument('<products...>', 'product ids')
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- groups set kettles kettle-1 kettle-2\n')
    .action(async (group: string, products: string[]) => {
      await askGroups((client) => client.query('select tidewatch.import_product_groups($1, false, $2)', [JSON.stringify(products.map((productId) => ({ productId, group }))), userInfo().username]));
      process.stdout.write(`${products.length} products are in ${JSON.stringify(group)}.\n`);
    });
  groups.command('unset').description('take products out of their groups').argument('<products...>', 'product ids')
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- groups unset kettle-1\n')
    .action(async (products: string[]) => {
      await askGroups((client) => client.query('select tidewatch.import_product_groups($1, false, $2)', [JSON.stringify(products.map((productId) => ({ productId, group: null }))), userInfo().username]));
      process.stdout.write(`${products.length} products are in no group.\n`);
    });
  groups.command('import').description('take groups from a file, all rows or none').argument('<file>', 'CSV or JSON lines with product_id and group_name, plain or gzip')
    .option('--replace', 'forget all groups that there are', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- groups import products.csv --replace\n')
    .action(async (file: string, { replace }: { replace: boolean }) => {
      const members = await readMembers(file);
      await askGroups((client) => client.query('select tidewatch.import_product_groups($1, $2, $3)', [JSON.stringify(members), replace, userInfo().username]));
      process.stdout.write(`${members.length} products in ${new Set(members.map(({ group }) => group)).size} groups.\n`);
    });
}

/** INPUT_FILE_INVALID names the first line that is wrong. */
export async function readMembers(path: string): Promise<Member[]> {
  const refuse = (line: number, sentence: string): never => {
    throw new TidewatchError('INPUT_FILE_INVALID', `${path}: line ${line}: ${sentence} Nothing was taken from the file.`);
  };
  const found = new Map<string, Member & { readonly line: number }>();
  const file = await openInputFile(path);
  try {
    for await (const rows of file.batches()) {
      for (const { line, fault, fields } of rows) {
        if (fault !== null) refuse(line, fault);
        const given = (fields ?? {});
        const textOf = (columns: readonly string[], longest: number): string => {
          const value = columns.map((column) => given[column]).find((each) => each !== undefined && each !== null);
          const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
          return text !== '' && text.length <= longest && !text.includes('\0') ? text : refuse(line, `found ${value === undefined ? 'no' : 'an unusable'} "${columns[0]}", expected text of 1 to ${longest} characters in a column ${columns.map((column) => `"${column}"`).join(' or ')}.`);
        };
        const [productId, group] = [textOf(PRODUCT_COLUMNS, LONGEST_PRODUCT), textOf(GROUP_COLUMNS, LONGEST_GROUP)];
        const before = found.get(productId);
        if (before !== undefined && before.group !== group) refuse(line, `found product ${JSON.stringify(productId.slice(0, 60))} in a second group (the first is in line ${before.line}), expected one.`);
        if (before === undefined) found.set(productId, { line, productId, group });
      }
    }
  } finally {
    await file.close();
  }
  return [...found.values()].map(({ productId, group }) => ({ productId, group }));
}

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');

const askGroups = <T>(work: (client: Client) => Promise<T>): Promise<T> => askDatabase(work, 'tidewatch groups');
