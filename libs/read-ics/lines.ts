/**
 * The lines of an iCalendar file (RFC 5545, 3.1): unfolded, each with the number at which it begins, checked for their form and nesting.
 * The library that reads the values names no lines.
 */
import { TidewatchError } from '#contracts';

export interface ContentLine {
  readonly number: number;
  readonly text: string;
  /** Upper case, without parameters. */
  readonly name: string;
  readonly value: string;
}

const SHOWN = 60;
const LONGEST_FILE = 8 * 1024 * 1024;
const NAME = /^[A-Za-z0-9-]+(?=[;:])/;

export function fault(line: number, sentence: string): TidewatchError {
  return new TidewatchError('INPUT_FILE_INVALID', `line ${line}: ${sentence} Nothing was taken from the file.`);
}

export const shown = (text: string): string => JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** INPUT_FILE_INVALID names the first line that is wrong. */
export function contentLines(file: string): ContentLine[] {
  if (file.length > LONGEST_FILE) throw fault(1, `found a file of ${file.length} characters, expected at most ${LONGEST_FILE}: export fewer events.`);
  const lines: { number: number; text: string }[] = [];
  file.replace(/^\ufeff/, '').split(/\r\n|\n|\r/).forEach((text, i) => {
    if (/^[ \t]/.test(text) && lines.length > 0) lines[lines.length - 1]!.text += text.slice(1);
    else if (text !== '') lines.push({ number: i + 1, text });
  });
  const read = lines.map(({ number, text }) => ({ number, text, ...partsOf(number, text) }));
  checkNesting(read);
  return read;
}

function partsOf(number: number, text: string): { name: string; value: string } {
  const name = NAME.exec(text)?.[0];
  if (name === undefined) throw fault(number, `found ${shown(text)}, expected NAME:value or NAME;PARAMETER=...:value.`);
  let quoted = false;
  for (let i = name.length; i < text.length; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    if (text[i] === ':' && !quoted) return { name: name.toUpperCase(), value: text.slice(i + 1) };
  }
  throw fault(number, `found ${shown(text)} without the colon before its value${quoted ? '; a quotation mark is not closed' : ''}.`);
}

function checkNesting(lines: readonly ContentLine[]): void {
  const open: { name: string; number: number }[] = [];
  let calendars = 0;
  for (const { number, name, value } of lines) {
    const component = value.trim().toUpperCase();
    if (open.length === 0 && (name !== 'BEGIN' || component !== 'VCALENDAR')) throw fault(number, `found ${shown(`${name}:${value}`)}, expected BEGIN:VCALENDAR.`);
    if (name === 'BEGIN') {
      if (open.length > 0 && component === 'VCALENDAR') throw fault(number, `found BEGIN:VCALENDAR inside the one of line ${open[0]!.number}, expected END:VCALENDAR first.`);
      open.push({ name: component, number });
      if (component === 'VCALENDAR') calendars += 1;
    }
    if (name !== 'END') continue;
    const last = open.pop()!;
    if (last.name !== component) throw fault(number, `found END:${component}, expected END:${last.name} for the BEGIN of line ${last.number}.`);
  }
  if (calendars === 0) throw fault(1, 'found no BEGIN:VCALENDAR, expected an iCalendar file.');
  const left = open.pop();
  if (left !== undefined) throw fault(left.number, `found BEGIN:${left.name} without its END; is the file cut off?`);
}
