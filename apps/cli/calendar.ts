/** `tidewatch calendar`: known events. Every change goes through the public SQL functions, as everybody's does. */
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import type { Client } from 'pg';
import { EVENT_KINDS, TidewatchError, type EventKind } from '#contracts';
import { readCalendar, sourceOf } from './read-calendar.js';
import { settingsOfRun } from './running.js';
import { askDatabase } from './with-database.js';

const DAY_MS = 86_400_000;
const YEARS_BACK = 1;
const YEARS_AHEAD = 2;

interface EventRow {
  readonly event_id: string;
  readonly name: string;
  readonly kind: string;
  readonly from_at: Date;
  readonly until_at: Date;
  readonly products: readonly string[] | null;
  readonly factor: number | null;
  readonly mute: boolean;
  readonly source: string;
}

interface Shared {
  readonly kind?: EventKind;
  readonly products?: string;
  readonly factor?: string;
  readonly mute?: true;
}

export function registerCalendar(program: Command): void {
  const calendar = program.command('calendar').description('known events (launches, sales, recalls, holidays): what they make expected, or that they mute');
  shared(calendar.command('add').description('add one event').argument('<name>', 'what people call it'))
    .requiredOption('--from <time>', 'in force from then on: ISO 8601, such as 2026-11-27 or 2026-11-27T08:00+01:00 (UTC without an offset)')
    .requiredOption('--until <time>', 'no longer in force from then on')
    .addHelpText('after', '\nExamples:\n  npm run tidewatch -- calendar add "Black Friday" --kind sale --from 2026-11-27 --until 2026-12-01 --factor 4\n  npm run tidewatch -- calendar add "Kettle 2" --kind launch --from 2026-09-01T09:00Z --until 2026-09-03 --products kettle-2 --mute\n')
    .action(async (name: string, flags: Shared & { from: string; until: string }) => {
      const { kind, products, factor, mute } = said(flags);
      const [from, until] = [timeOf('--from', flags.from), timeOf('--until', flags.until)];
      const rows = await askCalendar((client) => client.query<{ id: string }>('select tidewatch.add_calendar_event($1, $2, $3, $4, $5, $6, $7, $8) as id', [name, kind ?? 'other', from, until, products, factor, mute ?? false, userInfo().username]));
      process.stdout.write(`Event ${rows.rows[0]!.id} is in the calendar; workers apply it within seconds.\n`);
    });
  calendar.command('list', { isDefault: true }).description('list events, earliest first')
    .option('--all', 'those that are over, too', false)
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- calendar list --all\n')
    .action(async ({ all, json }: { all: boolean; json: boolean }) => {
      const { rows } = await askCalendar((client) => client.query<EventRow>('select event_id, name, kind, from_at, until_at, products, factor, mute, source from tidewatch.calendar_events where $1 or until_at > clock_timestamp() order by from_at, event_id', [all]));
      if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else process.stdout.write(rows.length === 0 ? `The calendar holds no ${all ? '' : 'coming '}event: tidewatch calendar add --help says how.\n` : rows.map(lineOf).join(''));
    });
  calendar.command('remove').description('take an event out; what was judged by it stays as it is').argument('<id>', 'as "calendar list" shows it')
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- calendar remove 3f2a9c0d11be\n')
    .action(async (id: string) => {
      await askCalendar((client) => client.query('select tidewatch.remove_calendar_event($1)', [id]));
      process.stdout.write(`Event ${JSON.stringify(id)} is out of the calendar.\n`);
    });
  shared(calendar.command('import').description('take all events of an iCalendar file, in place of those that the same source had').argument('<file>', 'an .ics file, or its http(s) address'))
    .option('--source <name>', 'names the source; a later import under it replaces this one (default: the name of the file, or the host with a digest of the address)')
    .option('--zone <zone>', 'of whole days, where the file names none (default: SURGE_TIME_ZONE)')
    .option('--from <time>', `occurrences from then on (default: ${YEARS_BACK} year back)`)
    .option('--until <time>', `and before then (default: ${YEARS_AHEAD} years ahead)`)
    .addHelpText('after', `
Example:
  npm run tidewatch -- calendar import marketing.ics --factor 2
  npm run tidewatch -- calendar import https://calendar.example/private/marketing.ics --source marketing

An entry says what it makes expected in a line of its description:
  tidewatch: factor=3 products=kettle,toaster kind=sale
  tidewatch: mute
or as X-TIDEWATCH-FACTOR, X-TIDEWATCH-PRODUCTS, X-TIDEWATCH-MUTE and CATEGORIES. --kind, --products, --factor and
--mute hold for entries that do not say. A file with a fault is refused whole.`)
    .action(async (file: string, flags: Shared & { source?: string; zone?: string; from?: string; until?: string }) => {
      const now = Date.now();
      const events = await readCalendar(file, {
        defaults: said(flags), zone: flags.zone ?? settingsOfRun().surgeTimeZone,
        from: flags.from === undefined ? now - YEARS_BACK * 365 * DAY_MS : timeOf('--from', flags.from).getTime(), until: flags.until === undefined ? now + YEARS_AHEAD * 365 * DAY_MS : timeOf('--until', flags.until).getTime(),
      });
      const source = flags.source ?? sourceOf(file);
      await askCalendar((client) => client.query('select tidewatch.import_calendar($1, $2, $3)', [source, JSON.stringify(events), userInfo().username]));
      const last = events.at(-1);
      process.stdout.write(last === undefined ? `${source}: no event in that time; those it had are gone.\n` : `${source}: ${events.length} events, ${iso(events[0]!.from)} to ${iso(last.from)}; workers apply them within seconds.\n`);
    });
}

const shared = (command: Command): Command => command
  .addOption(new Option('--kind <kind>', 'what it is').choices([...EVENT_KINDS]))
  .option('--products <ids>', 'product ids between commas (default: all products)')
  .option('--factor <number>', 'expected volume, times the usual: 0.1 to 100')
  .option('--mute', 'record surges, but tell nobody');

const iso = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

function said({ kind, products, factor, mute }: Shared): { kind: EventKind | null; products: string[] | null; factor: number | null; mute: boolean | null } {
  const ids = products?.split(',').map((each) => each.trim()).filter((each) => each !== '') ?? [];
  const number = factor === undefined ? null : Number(factor);
  if (number !== null && !(number >= 0.1 && number <= 100)) throw new TidewatchError('SETTING_INVALID', `--factor is "${factor!.slice(0, 40)}": expected a number from 0.1 to 100, the expected volume times the usual.`);
  return { kind: kind ?? null, products: ids.length === 0 ? null : ids, factor: number, mute: mute ?? null };
}

/** Without an offset: UTC. */
function timeOf(option: string, text: string): Date {
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text) ? new Date(/^[^T]*(T.*(Z|[+-]\d\d:?\d\d))?$/.test(text) ? text : `${text}Z`) : new Date(NaN);
  if (Number.isNaN(at.getTime())) throw new TidewatchError('SETTING_INVALID', `${option} is ${JSON.stringify(text.slice(0, 40))}: expected a time such as 2026-11-27 or 2026-11-27T08:00+01:00.`);
  return at;
}

function lineOf({ event_id, name, kind, from_at, until_at, products, factor, mute, source }: EventRow): string {
  const what = [factor === null ? null : `${factor} times the usual`, mute ? 'muted' : null].filter((each) => each !== null).join(', ');
  const whose = products === null ? 'all products' : products.length > 3 ? `${products.length} products` : products.join(', ');
  return `${iso(from_at.getTime())} to ${iso(until_at.getTime())}  ${kind.padEnd(7)}  ${name.replace(/[\p{Cc}\p{Cf}]/gu, ' ')}  (${what}; ${whose}; ${source})  ${event_id}\n`.replace(/[\p{Cc}\p{Cf}](?!$)/gu, ' ');
}

const askCalendar = <T>(work: (client: Client) => Promise<T>): Promise<T> => askDatabase(work, 'tidewatch calendar');
