/**
 * `tidewatch evaluate brigading FILE...`: are honest surges left unmarked, and copies with small edits found? Honest are stretches of a
 * product's own negatives, and stretches into which distinct negatives of another product fall (an injected surge: a real cause, real
 * words); brigaded are such stretches with edited copies of one real text. Nothing of the marking was chosen on these draws' seeds.
 */
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { lookAlikesAmong, MOST_READ, type LookAlikes, type Voice } from '#explain-surge';
import { seededRandom } from '#seeded-random';
import { productsOf } from './evaluate-injected.js';
import type { Product } from './injected-run.js';
import { ProgressLine } from './progress-line.js';

const HELP = `
Reviews need stars: two or less are negative. Products with 60 negatives or more take part.

Example:
  $ npm run tidewatch -- evaluate brigading a.jsonl.gz b.jsonl.gz --runs 500 --json`;

const MIN_NEGATIVES = 60;
const WORDS = 10;
const DAY_MS = 86_400_000;

interface Flags {
  readonly runs: string;
  readonly seed: string;
  readonly json?: true;
}

export function registerEvaluateBrigading(evaluate: Command): void {
  evaluate.command('brigading')
    .description('honest stretches of real negatives left unmarked, edited copies found and counted apart?')
    .argument('<files...>', 'review files with stars: JSON lines or CSV, plain or gzip')
    .option('--runs <n>', 'draws of each kind', '300')
    .option('--seed <n>', 'seed of all draws', '1')
    .option('--json', 'print all figures as JSON')
    .addHelpText('after', HELP)
    .action(async (files: string[], { runs, seed, json }: Flags) => {
      const figures = await measure(files, wholeOf('--runs', runs, 1), wholeOf('--seed', seed, 0));
      console.log(json === true ? JSON.stringify(figures, null, 1) : table(figures));
    });
}

interface Row {
  readonly kind: string;
  readonly draws: number;
  readonly marked: number;
  /** Of the marked: how many are counted apart, for each copy that was put in beyond the first; null where none was. */
  readonly apartOfCopies: number | null;
  readonly examples: readonly string[];
}

async function measure(files: readonly string[], runs: number, seed: number): Promise<readonly Row[]> {
  const products = (await Promise.all(files.map((file) => productsOf(file)))).flat().filter(({ negatives }) => negatives.length >= MIN_NEGATIVES);
  if (products.length < 2) throw new TidewatchError('INPUT_FILE_INVALID', `found ${products.length} products with ${MIN_NEGATIVES} negatives, expected at least 2. Give more reviews with stars.`);
  const random = seededRandom(seed);
  const progress = new ProgressLine();
  const kinds: readonly (readonly [string, (stretch: Stretch) => { now: readonly Voice[]; copies: number }])[] = [
    ['own negatives', ({ now }) => ({ now, copies: 0 })],
    ['distinct negatives of another product added', ({ now, donor }) => ({ now: [...now, ...distinct(donor, now, random)], copies: 0 })],
    ...[1, 2, 3].flatMap((edits) => [0.3, 1].map((part) => [`copies with ${edits} edit${edits === 1 ? '' : 's'} each, ${100 * part} % of the others`, (stretch: Stretch) => withCopies(stretch, part, edits, random)] as const)),
  ];
  const rows = kinds.map(([kind, make], k): Row => {
    const found: { result: LookAlikes; copies: number }[] = [];
    for (let run = 0; run < runs; run += 1) {
      const stretch = drawStretch(products, random);
      const { now, copies } = make(stretch);
      found.push({ result: lookAlikesAmong(now, stretch.before), copies });
      progress.show('drawing', (k * runs + run + 1) / (kinds.length * runs), kind);
    }
    const marked = found.filter(({ result }) => result.reasons.length > 0);
    const put = marked.reduce((sum, { copies }) => sum + Math.max(0, copies - 1), 0);
    return { kind, draws: runs, marked: marked.length, apartOfCopies: put === 0 ? null : marked.reduce((sum, { result }) => sum + result.apart, 0) / put, examples: put > 0 ? [] : marked.slice(0, 5).flatMap(({ result }) => result.reasons) };
  });
  progress.end();
  return rows;
}

interface Stretch {
  readonly now: readonly Voice[];
  readonly before: readonly Voice[];
  readonly donor: Product;
}

function drawStretch(products: readonly Product[], random: () => number): Stretch {
  const host = products[Math.floor(random() * products.length)]!;
  let donor = host;
  while (donor === host) donor = products[Math.floor(random() * products.length)]!;
  const size = 10 + Math.floor(30 * random());
  const begin = 20 + Math.floor(random() * (host.negatives.length - size - 20));
  const voices = host.negatives.slice(0, begin + size).map(({ at, complaint: { text, source } }): Voice => ({ text, at, pNegative: 1, source, account: null }));
  return { now: voices.slice(begin), before: voices.slice(0, begin).slice(-MOST_READ), donor };
}

/** As many of the donor's, each once, spread over the stretch. */
function distinct(donor: Product, now: readonly Voice[], random: () => number): Voice[] {
  const pool = [...donor.negatives];
  return now.slice(0, pool.length).map((): Voice => ({ text: pool.splice(Math.floor(random() * pool.length), 1)[0]!.complaint.text, at: timeIn(now, random), pNegative: 1, source: now[0]!.source, account: null }));
}

function withCopies({ now, donor }: Stretch, part: number, edits: number, random: () => number): { now: readonly Voice[]; copies: number } {
  const long = donor.negatives.filter(({ complaint }) => complaint.text.split(/\s+/).length >= WORDS);
  const text = long[Math.floor(random() * long.length)]?.complaint.text ?? '';
  const foreign = donor.negatives.flatMap(({ complaint }) => complaint.text.split(/\s+/)).slice(0, 5_000);
  const copies = Math.max(6, Math.round(part * now.length));
  const made = Array.from({ length: copies }, (): Voice => ({ text: edited(text, edits, foreign, random), at: timeIn(now, random), pNegative: 1, source: now[0]!.source, account: null }));
  return { now: [...now, ...made], copies };
}

const timeIn = (now: readonly Voice[], random: () => number): number => now[0]!.at + random() * Math.max(DAY_MS, now.at(-1)!.at - now[0]!.at);

/** Each edit replaces, adds or drops a word; one copy in three is shouted or loses its points. */
function edited(text: string, edits: number, foreign: readonly string[], random: () => number): string {
  const words = text.split(/\s+/);
  for (let edit = 0; edit < edits; edit += 1) {
    const place = Math.floor(random() * words.length);
    const word = foreign[Math.floor(random() * foreign.length)]!;
    const kind = Math.floor(3 * random());
    if (kind === 0) words[place] = word;
    else if (kind === 1) words.splice(place, 0, word);
    else words.splice(place, 1);
  }
  const whole = words.join(' ');
  return random() < 1 / 3 ? (random() < 0.5 ? whole.toUpperCase() : whole.replace(/[.,!?]/g, '')) : whole;
}

function table(rows: readonly Row[]): string {
  const percent = (value: number | null) => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);
  return ['| stretch | draws | marked | counted apart, of the copies beyond the first |', '|---|---|---|---|', ...rows.map(({ kind, draws, marked, apartOfCopies }) => `| ${kind} | ${draws} | ${percent(marked / draws)} | ${percent(apartOfCopies)} |`)].join('\n');
}

function wholeOf(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && text.trim() !== '') return value;
  throw new TidewatchError('SETTING_INVALID', `${flag} ${JSON.stringify(text.slice(0, 40))} cannot be used: expected a whole number of at least ${least}.`);
}
