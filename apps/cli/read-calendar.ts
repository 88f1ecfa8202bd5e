/** An iCalendar file for a command: faults name the file besides the line. */
import { readFile } from 'node:fs/promises';
import { type CalendarEvent, TidewatchError } from '#contracts';
import { type IcsOptions, readIcs } from '#read-ics';

const SILENT = { kind: null, products: null, factor: null, mute: null } as const;

export async function readCalendar(path: string, options: Omit<IcsOptions, 'defaults'> & Partial<Pick<IcsOptions, 'defaults'>>): Promise<CalendarEvent[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new TidewatchError('INPUT_FILE_INVALID', `${path} cannot be read (${cause.message}): expected an iCalendar file (.ics).`, { cause });
  });
  try {
    return readIcs(text, { defaults: SILENT, ...options });
  } catch (error) {
    if (error instanceof TidewatchError && error.code === 'INPUT_FILE_INVALID') throw new TidewatchError('INPUT_FILE_INVALID', `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}
