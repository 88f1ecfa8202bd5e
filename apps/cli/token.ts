/** `tidewatch token`: who may use the HTTP API. A token is shown once, when it is made; the database keeps its hash. */
import { Option, type Command } from 'commander';
import { TidewatchError } from '#contracts';
import { hashOf, makeToken, TOKEN_ROLES, type TokenRole } from '../console/access/token-text.js';
import type { Client } from 'pg';
import { withDatabase } from './with-database.js';

const MAY: Readonly<Record<TokenRole, string>> = { read: 'reads', write: 'reads, acts on surges and sends dead letters back', ingest: 'sends reviews and quotes, and reads nothing' };

interface TokenRow {
  readonly token_id: string;
  readonly role: TokenRole;
  readonly name: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
}

export function registerToken(program: Command): void {
  const token = program.command('token').description('tokens for the HTTP API: make, list, revoke');
  token
    .command('create')
    .description('make a token and print it, once')
    .addOption(new Option('--role <role>', `what it may do: ${TOKEN_ROLES.map((role) => `${role} (${MAY[role]})`).join('; ')}`).choices([...TOKEN_ROLES]).makeOptionMandatory())
    .option('--name <name>', 'whose it is, for the list', 'unnamed')
    .option('--expires <days>', 'days until it ends (default: never)')
    .addHelpText('after', '\nExample:\n  npm run --silent tidewatch -- token create --role ingest --name "shop export" --expires 365\n')
    .action(async ({ role, name, expires }: { role: TokenRole; name: string; expires?: string }) => {
      const days = wholeDays(expires);
      if (name.trim() === '' || name.length > 200) throw new TidewatchError('SETTING_INVALID', `--name has ${name.length} characters: expected 1 to 200.`);
      const { id, secret, text } = makeToken();
      await inTokens((client) => client.query(`insert into internal.api_token (token_id, role, name, secret_hash, expires_at) values ($1, $2, $3, $4, clock_timestamp() + $5::int * interval '1 day')`, [id, role, name.trim(), hashOf(secret), days]));
      process.stderr.write(`Token ${id} of role ${role}: it ${MAY[role]}${days === null ? '' : `, for ${days} days`}. It is shown this once:\n`);
      process.stdout.write(`${text}\n`);
    });
  token
    .command('list', { isDefault: true })
    .description('list tokens, never their secrets')
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- token list\n')
    .action(async ({ json }: { json: boolean }) => {
      const { rows } = await inTokens((client) => client.query<TokenRow>('select token_id, role, name, created_at, expires_at, revoked_at, last_used_at from internal.api_token order by created_at'));
      if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else process.stdout.write(rows.length === 0 ? 'There is no token yet: tidewatch token create --role read makes one.\n' : rows.map(lineOf).join(''));
    });
  token
    .command('revoke <id>')
    .description('end a token; who uses it is refused within five seconds')
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- token revoke 3k5v0c8m1q\n')
    .action(async (id: string) => {
      const { rowCount } = await inTokens((client) => client.query('update internal.api_token set revoked_at = coalesce(revoked_at, clock_timestamp()) where token_id = $1', [id]));
      if (rowCount === 0) throw new TidewatchError('SETTING_INVALID', `There is no token ${JSON.stringify(id.slice(0, 40))}: "tidewatch token list" shows the ids (the part between the underscores).`);
      process.stdout.write(`Token ${id} is revoked.\n`);
    });
}

function lineOf({ token_id: id, role, name, created_at: created, expires_at: expires, revoked_at: revoked, last_used_at: used }: TokenRow): string {
  const day = (at: Date) => at.toISOString().slice(0, 16).replace('T', ' ');
  const ended = expires !== null && expires.getTime() <= Date.now();
  const state = revoked !== null ? `revoked ${day(revoked)}` : ended ? `expired ${day(expires)}` : expires === null ? 'valid' : `valid until ${day(expires)}`;
  return `${id}  ${role.padEnd(6)}  ${state}  created ${day(created)}  used ${used === null ? 'never' : day(used)}  ${name.replace(/[\p{Cc}\p{Cf}]/gu, ' ')}\n`;
}

function wholeDays(given: string | undefined): number | null {
  if (given === undefined) return null;
  const days = Number(given);
  if (!Number.isInteger(days) || days < 1 || days > 36_500) throw new TidewatchError('SETTING_INVALID', `--expires is "${given.slice(0, 40)}": expected a whole number of days from 1 to 36500.`);
  return days;
}

const inTokens = <T>(work: (client: Client) => Promise<T>): Promise<T> => withDatabase(work, 'tidewatch token');
