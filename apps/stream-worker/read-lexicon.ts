/** The lexicon of aspects from its file (ASPECTS_FILE, or the one that comes with Tidewatch). */
import { readFileSync } from 'node:fs';
import { TidewatchError } from '#contracts';
import { type Lexicon, lexiconFrom } from '#explain-surge';

/** SETTING_INVALID: what is wrong with the file. */
export function readLexicon(path: string): Lexicon {
  const refuse = (found: string, cause: unknown): never => {
    throw new TidewatchError('SETTING_INVALID', `${path} ${found}: expected a lexicon of aspects, such as { "aspects": { "battery": ["batter*", "charger"] } }. Mend it, or leave ASPECTS_FILE out for the lexicon that comes with Tidewatch.`, { cause });
  };
  let text = '';
  let body: unknown;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    refuse(`cannot be read (${(error as Error).message})`, error);
  }
  try {
    body = JSON.parse(text);
  } catch (error) {
    refuse(`is no JSON (${(error as Error).message.slice(0, 120)})`, error);
  }
  return lexiconFrom(body, path);
}
