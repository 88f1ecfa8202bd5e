/**
 * An iCalendar file as known events. ical.js reads values and recurrence rules; what it computes with is local time in the entry's own
 * zone, so that an entry keeps its hour when the clocks change; lines.ts and annotations.ts say what is wrong, and in which line.
 * Recurring entries become their occurrences between `from` and `until`; RDATE, EXDATE and changed occurrences are heeded, cancelled ones left out.
 */
import ICAL from 'ical.js';
import { LONGEST_EVENT_NAME, MOST_EVENTS, type CalendarEvent, type TidewatchError } from '#contracts';
import { saidBy, type Said } from './annotations.js';
import { contentLines, fault, shown, type ContentLine } from './lines.js';
import { fileZone, ianaZone, UTC, wallOf, type Zone } from './zones.js';

/** For entries that do not say themselves. */
export type EventDefaults = Said;

export interface IcsOptions {
  readonly defaults: EventDefaults;
  /** IANA name: of whole days and of times without a zone, where the file names none (X-WR-TIMEZONE). */
  readonly zone: string;
  /** Occurrences that end after `from` and begin before `until`, epoch ms. */
  readonly from: number;
  readonly until: number;
}

type JCal = [string, JProperty[], JCal[]];
type JProperty = [string, Record<string, string | string[]>, string, ...unknown[]];

interface Entry {
  readonly line: number;
  readonly lines: readonly ContentLine[];
  readonly component: ICAL.Component;
  readonly zone: Zone;
}

const DAY_MS = 86_400_000;
const MOST_OCCURRENCES = 2_000;
const MOST_STEPS = 200_000;
const TIMES = new Set(['dtstart', 'dtend', 'recurrence-id', 'exdate', 'rdate']);

/** INPUT_FILE_INVALID says which line, what was found and what was expected; then nothing of the file is given. */
export function readIcs(file: string, options: IcsOptions): CalendarEvent[] {
  const lines = contentLines(file);
  const root = parse(file, lines);
  const named = lines.find(({ name }) => name === 'X-WR-TIMEZONE');
  const floating = ianaZone(named?.value.trim() ?? options.zone) ?? ianaZone(options.zone);
  if (floating === null) throw fault(named?.number ?? 1, `found no time zone ${shown(options.zone)}, expected an IANA name such as Europe/Berlin.`);
  const entries = entriesOf(root, lines, floating);
  const events: CalendarEvent[] = [];
  for (const [uid, group] of grouped(entries)) events.push(...occurrencesOf(uid, group, options, floating));
  if (events.length > MOST_EVENTS) throw fault(1, `found ${events.length} events and occurrences, expected at most ${MOST_EVENTS}: export a shorter time.`);
  return events.sort((a, b) => a.from - b.from || (a.eventId < b.eventId ? -1 : 1));
}

function grouped(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(uidOf(entry), [...(groups.get(uidOf(entry)) ?? []), entry]);
  return groups;
}

function parse(file: string, lines: readonly ContentLine[]): JCal[] {
  try {
    const read = ICAL.parse(file.replace(/^\ufeff/, '')) as unknown as JCal | JCal[];
    return typeof read[0] === 'string' ? [read as JCal] : (read as JCal[]);
  } catch (error) {
    const reason = (error as Error).message;
    throw fault(lineOf(lines, reason, 1), `${reason.replace(/\.$/, '')}.`);
  }
}

/** The VEVENTs with their lines, all their times in local time of their own zone. */
function entriesOf(calendars: JCal[], lines: readonly ContentLine[], floating: Zone): Entry[] {
  const begins = lines.flatMap(({ name, value }, i) => (name === 'BEGIN' && value.trim().toUpperCase() === 'VEVENT' ? [i] : []));
  let at = 0;
  return calendars.flatMap((calendar) => calendar[2].filter(([name]) => name === 'vevent').map((vevent): Entry => {
    const first = begins[at++]!;
    const own = linesOf(lines, first);
    return told(own, lines[first]!.number, () => {
      checkTimes(own);
      const zone = localize(vevent, own, floating, calendar);
      return { line: lines[first]!.number, lines: own, component: new ICAL.Component(vevent), zone };
    });
  }));
}

/** Lines of the component that begins at `first`, those of components inside it apart. */
function linesOf(lines: readonly ContentLine[], first: number): ContentLine[] {
  const own: ContentLine[] = [];
  let depth = 0;
  for (let i = first; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line.name === 'BEGIN') depth += 1;
    if (depth === 1) own.push(line);
    if (line.name === 'END' && --depth === 0) break;
  }
  return own;
}

/** The library takes a date for a date-time, and month 99 for one eight years on. */
function checkTimes(lines: readonly ContentLine[]): void {
  for (const { number, name, value } of lines) {
    if (!TIMES.has(name.toLowerCase())) continue;
    for (const text of value.split(',').filter((each) => !each.includes('/'))) {
      const part = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/.exec(text.trim());
      const [year, month, day, hour, minute, second] = (part ?? []).slice(1).map((digits) => Number(digits ?? 0)) as [number, number, number, number, number, number];
      const at = new Date(Date.UTC(year, month - 1, day));
      if (part === null || year < 1000 || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60) throw fault(number, `found the time ${shown(text)}, expected one such as 20260701T080000Z or 20260701.`);
    }
  }
}

function localize([, properties]: JCal, lines: readonly ContentLine[], floating: Zone, calendar: JCal): Zone {
  const numberOf = (name: string) => lines.find((line) => line.name === name.toUpperCase())?.number ?? lines[0]!.number;
  const zoneOf = ([name, parameters, type, value]: JProperty): Zone => {
    const tzid = parameters['tzid'];
    if (type === 'date') return floating;
    if (typeof value === 'string' && value.endsWith('Z')) return UTC;
    if (typeof tzid !== 'string') return floating;
    const known = ianaZone(tzid);
    if (known !== null) return known;
    const inFile = calendar[2].find(([each, own]) => each === 'vtimezone' && own.some(([property, , , text]) => property === 'tzid' && text === tzid));
    if (inFile === undefined) throw fault(numberOf(name), `found the time zone ${shown(tzid)}, expected an IANA name such as Europe/Berlin, or its VTIMEZONE in the file.`);
    return fileZone(new ICAL.Component(inFile), tzid);
  };
  const start = properties.find(([name]) => name === 'dtstart');
  if (start === undefined) throw fault(lines[0]!.number, 'found an event without DTSTART, expected when it begins.');
  const zone = zoneOf(start);
  for (const property of properties) {
    const [name, parameters, type] = property;
    if (name === 'rrule') property[3] = inZone(property[3] as Record<string, unknown>, zone);
    if (!TIMES.has(name) || type === 'date') continue;
    const from = zoneOf(property);
    for (let i = 3; i < property.length; i += 1) property[i] = Array.isArray(property[i]) ? (property[i] as unknown[]).map((part) => moved(part, from, zone)) : moved(property[i], from, zone);
    delete parameters['tzid'];
  }
  return zone;
}

/** "2026-03-01T09:00:00" of one zone as the same moment in another. */
function moved(value: unknown, from: Zone, to: Zone): unknown {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/.test(value)) return value;
  const wall = Date.parse(`${value.slice(0, 19)}Z`);
  return new Date(from === to ? wall : to.utcToWall((value.endsWith('Z') ? UTC : from).wallToUtc(wall))).toISOString().slice(0, 19);
}

const inZone = (rule: Record<string, unknown>, zone: Zone) => ({ ...rule, ...(typeof rule['until'] === 'string' ? { until: moved(rule['until'], rule['until'].endsWith('Z') ? UTC : zone, zone) } : {}) });

function uidOf({ component, line }: Entry): string {
  const uid: unknown = component.getFirstPropertyValue('uid');
  if (typeof uid !== 'string' || uid.trim() === '') throw fault(line, 'found an event without UID, expected one, by which a later import knows it again.');
  return uid.trim();
}

function occurrencesOf(uid: string, group: readonly Entry[], options: IcsOptions, floating: Zone): CalendarEvent[] {
  const isException = ({ component }: Entry) => component.getFirstProperty('recurrence-id') !== null;
  const mains = group.filter((entry) => !isException(entry));
  const exceptions = group.filter(isException);
  if (mains.length > 1) throw fault(mains[1]!.line, `found the UID ${shown(uid)} of the event of line ${mains[0]!.line} once more, expected another.`);
  const main = mains[0];
  if (main === undefined) return exceptions.flatMap((entry) => one(uid, entry, entry, new ICAL.Event(entry.component), options, floating));
  return told(main.lines, main.line, () => {
    const event = new ICAL.Event(main.component, { exceptions: exceptions.map(({ component }) => component), strictExceptions: true });
    if (!event.isRecurring()) return one(uid, main, main, event, options, floating);
    return recurring(uid, main, event, exceptions, options, floating);
  });
}

function recurring(uid: string, main: Entry, event: ICAL.Event, exceptions: readonly Entry[], options: IcsOptions, floating: Zone): CalendarEvent[] {
  const found: CalendarEvent[] = [];
  const iterator = event.iterator();
  let steps = 0;
  for (let next = iterator.next() as ICAL.Time | undefined; next !== undefined && next !== null; next = iterator.next() as ICAL.Time | undefined) {
    if ((steps += 1) > MOST_STEPS) throw fault(main.line, `found a recurrence of more than ${MOST_STEPS} occurrences before the time that is wanted, expected a later DTSTART or a rarer rule.`);
    const details = event.getOccurrenceDetails(next) as unknown as { readonly item: ICAL.Event; readonly startDate: ICAL.Time; readonly endDate: ICAL.Time };
    const entry = exceptions.find(({ component }) => component === details.item.component) ?? main;
    const { from, until } = spanOf(entry, details.startDate, details.endDate, floating);
    if (entry === main && from >= options.until) break;
    if (until <= options.from || from >= options.until || isCancelled(entry)) continue;
    found.push(eventOf(uid, entry, main, from, until, options));
    if (found.length > MOST_OCCURRENCES) throw fault(main.line, `found more than ${MOST_OCCURRENCES} occurrences of one event, expected fewer: give the rule an UNTIL, or import a shorter time.`);
  }
  return found;
}

function one(uid: string, entry: Entry, main: Entry, event: ICAL.Event, options: IcsOptions, floating: Zone): CalendarEvent[] {
  const { from, until } = spanOf(entry, event.startDate, event.endDate, floating);
  return isCancelled(entry) || until <= options.from || from >= options.until ? [] : [eventOf(uid, entry, main, from, until, options)];
}

/** Whole days from midnight to midnight of the zone; others by the clock of their own zone, and as long as they are. */
function spanOf({ line, zone }: Entry, start: ICAL.Time, end: ICAL.Time, floating: Zone): { from: number; until: number } {
  const [first, last] = [wallOf(start), wallOf(end)];
  const from = start.isDate ? floating.wallToUtc(first) : zone.wallToUtc(first);
  const until = start.isDate ? floating.wallToUtc(Math.max(last, first + DAY_MS)) : zone.wallToUtc(last);
  if (!Number.isFinite(from) || !(from < until)) throw fault(line, `found an event from ${start.toString()} to ${end.toString()}, expected an end after its beginning.`);
  return { from, until };
}

const isCancelled = ({ component }: Entry): boolean => String(component.getFirstPropertyValue('status')).toUpperCase() === 'CANCELLED';

/** A changed occurrence says what its main entry says, unless it says otherwise. */
function eventOf(uid: string, entry: Entry, main: Entry, from: number, until: number, { defaults }: IcsOptions): CalendarEvent {
  const [own, usual] = [saidBy(entry.lines), entry === main ? null : saidBy(main.lines)];
  const said = <K extends keyof Said>(key: K): Said[K] => own[key] ?? usual?.[key] ?? defaults[key];
  const [kind, factor, mute] = [said('kind') ?? 'other', said('factor'), said('mute') ?? false];
  if (factor === null && !mute) throw fault(entry.line, 'found an event that says neither what to expect nor to mute, expected a line "tidewatch: factor=3" or "tidewatch: mute" in its description (or X-TIDEWATCH-FACTOR, X-TIDEWATCH-MUTE), or --factor or --mute for all that say nothing.');
  const summary: unknown = entry.component.getFirstPropertyValue('summary');
  const name = (typeof summary === 'string' ? summary : '').replace(/\p{Cc}+/gu, ' ').trim().slice(0, LONGEST_EVENT_NAME).replace(/\p{Surrogate}$/u, '');
  return { eventId: `${uid.slice(0, 300)}/${new Date(from).toISOString()}`, name: name === '' ? kind : name, kind, from, until, products: said('products'), factor, mute };
}

/** The line that a reason of ical.js is about: it repeats the line, its value, or a piece in quotation marks. */
function lineOf(lines: readonly ContentLine[], reason: string, otherwise: number): number {
  const piece = /"([^"]+)"/.exec(reason)?.[1];
  const found = lines.find(({ text }) => reason.includes(text)) ?? lines.find(({ value }) => value !== '' && reason.includes(value)) ?? lines.find(({ value }) => piece !== undefined && value.includes(piece));
  return found?.number ?? otherwise;
}

/** What ical.js throws becomes a fault of the entry: it names values, never lines. */
function told<T>(lines: readonly ContentLine[], line: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as TidewatchError).code === 'INPUT_FILE_INVALID') throw error;
    const reason = (error as Error).message;
    throw fault(lineOf(lines, reason, line), `${reason.replace(/\.$/, '')}.`);
  }
}
