/** An iCalendar file, or one at an http(s) address, for a command: faults name it besides the line. An address may be a secret (that of a private calendar is): only its host is named. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type CalendarEvent, TidewatchError } from '#contracts';
import { type IcsOptions, readIcs } from '#read-ics';

const SILENT = { kind: null, products: null, factor: null, mute: null } as const;
const PATIENCE_MS = 30_000;
const MOST_BYTES = 16 * 1024 * 1024;

export async function readCalendar(where: string, options: Omit<IcsOptions, 'defaults'> & Partial<Pick<IcsOptions, 'defaults'>>): Promise<CalendarEvent[]> {
  const url = addressOf(where);
  const name = url === null ? where : `the calendar at ${url.host}`;
  const refuse = (message: string, cause?: unknown): never => {
    throw new TidewatchError('INPUT_FILE_INVALID', message, { cause });
  };
  const text = await (url === null ? readFile(where, 'utf8') : fetched(url)).catch((cause: Error) => refuse(`${name} cannot be read (${cause.message}): expected an iCalendar file (.ics) or its http(s) address.`, cause));
  try {
    return readIcs(text, { defaults: SILENT, ...options });
  } catch (error) {
    if (error instanceof TidewatchError && error.code === 'INPUT_FILE_INVALID') refuse(`${name}: ${error.message}`, error);
    throw error;
  }
}

/** What an import is called where nobody says: the same for the same file or address. */
export function sourceOf(where: string): string {
  const url = addressOf(where);
  return url === null ? basename(where) : `${url.host}#${createHash('sha256').update(where).digest('hex').slice(0, 8)}`;
}

/** null: a path. */
function addressOf(where: string): URL | null {
  return /^https?:\/\//i.test(where) && URL.canParse(where) ? new URL(where) : null;
}

async function fetched(url: URL): Promise<string> {
  const { username, password } = url;
  const plain = new URL(url);
  [plain.username, plain.password] = ['', ''];
  const login = username === '' ? {} : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` };
  const response = await fetch(plain, { headers: { accept: 'text/calendar, */*;q=0.5', ...login }, signal: AbortSignal.timeout(PATIENCE_MS) }).catch((cause: Error) => {
    throw new Error(cause.name === 'TimeoutError' ? `no answer within ${PATIENCE_MS / 1000} s` : `no answer: ${(cause.cause as Error | undefined)?.message ?? cause.message}`, { cause });
  });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES / 1024 / 1024} MB`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}
