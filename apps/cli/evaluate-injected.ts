/** `tidewatch evaluate injected FILE...`: are injected surges found, and do the contributors name what was injected? */
import type { Command } from 'commander';
import { type StreamMessage, TidewatchError } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import { defaultSurgeSettings, surgeSettings } from '#detect-surge';
import { contributorsAmong, MOST_READ } from '#explain-surge';
import { parseBudget } from '#load-config';
import { seededRandom } from '#seeded-random';
import { readReviews } from './backtest-read.js';
import { replayReviews } from './backtest-replay.js';
import { NEGATIVE_STARS } from './backtest-stars.js';
import { openScoring, truthOf } from './backtest-surges.js';
import { type CountedReview, DAY_MS, type InjectedResult, type Injection, type Product, productOf, runInjection } from './injected-run.js';
import { ProgressLine } from './progress-line.js';
import { readLexicon } from '../stream-worker/read-lexicon.js';
import { settingsOfRun } from './running.js';

const HELP = `
Reviews need stars: two or less are negative. Hosts are products with 60 negatives over 60 days or more; donors those with 30 or more.

Example:
  $ npm run tidewatch -- evaluate injected a.jsonl.gz b.jsonl.gz --runs 400 --json`;

interface InjectedFlags {
  readonly runs: string;
  readonly seed: string;
  readonly factor: string;
  readonly budget: string;
  readonly truth: string;
  readonly json?: true;
}

/** What the detector counts each review as, with the events of a file in their order. */
type CountReviews = (messages: readonly StreamMessage[]) => Promise<readonly CountedReview[]>;

/** Two stars or less are negative, all but surely. */
const byStars: CountReviews = (messages) => Promise.resolve(decodeReviews(defaultDecodeSettings, messages).flatMap((decoded) => (decoded.ok ? [{ event: decoded.event, counted: decoded.event.rating! <= NEGATIVE_STARS ? 0.999 : 0.001 }] : [])));

/** As the worker counts them. */
async function byModel(messages: readonly StreamMessage[]): Promise<readonly CountedReview[]> {
  const { encoder, scoring, close } = await openScoring(defaultSurgeSettings.budgetPerDay);
  try {
    const counted: CountedReview[] = [];
    await replayReviews(messages, { encoder, scoring, onCommit: ({ reviews }) => counted.push(...reviews.map(({ event, pNegativeWithStars }) => ({ event, counted: pNegativeWithStars }))) });
    return counted;
  } finally {
    await close();
  }
}

const HOST = { negatives: 60, days: 60 };
const DONOR_NEGATIVES = 30;
const WARM_DAYS = 30;
const LEAST_INJECTED = 6;
const TRIES = 50;
/** So many injected reviews are many: figures are given apart, since a handful of complaints without a common cause has no word in common. */
const MANY = 20;

export function registerEvaluateInjected(evaluate: Command): void {
  evaluate.command('injected')
    .description('real streams with real negative reviews of another product added for some days: found, how late, and named rightly?')
    .argument('<files...>', 'review files with stars: JSON lines or CSV, plain or gzip')
    .option('--runs <n>', 'injected surges', '200')
    .option('--seed <n>', 'seed of all draws', '1')
    .option('--factor <x>', 'negatives while it lasts, as a multiple of the host’s own', '3')
    .option('--budget <budget>', 'alarm budget', '1/quarter')
    .option('--truth <source>', 'what counts as negative: "stars", or "model" (as the worker counts them)', 'stars')
    .option('--json', 'print all figures as JSON')
    .addHelpText('after', HELP)
    .action((files: string[], flags: InjectedFlags) => evaluateInjected(files, flags));
}

async function evaluateInjected(files: readonly string[], flags: InjectedFlags): Promise<void> {
  const [runs, seed, factor] = [numberOf(flags.runs, '--runs', 1), numberOf(flags.seed, '--seed', 0), numberOf(flags.factor, '--factor', 1.1)];
  const settings = surgeSettings({ budgetPerDay: parseBudget(flags.budget, '--budget') });
  const count = truthOf(flags.truth) === 'stars' ? byStars : byModel;
  const progress = new ProgressLine();
  const products: Product[] = [];
  for (const file of files) products.push(...(await productsOf(file, count)));
  const hosts = products.filter(({ reviews, negatives }) => negatives.length >= HOST.negatives && reviews.at(-1)!.at - reviews[0]!.at >= HOST.days * DAY_MS);
  const donors = products.filter(({ negatives }) => negatives.length >= DONOR_NEGATIVES);
  if (hosts.length === 0 || donors.length < 2) throw new TidewatchError('INPUT_FILE_INVALID', `found ${hosts.length} products that can be hosts and ${donors.length} that can be donors; expected at least 1 and 2. Give more reviews with stars.`);
  const random = seededRandom(seed);
  const results: { readonly injection: Injection; readonly result: InjectedResult }[] = [];
  for (let run = 0; run < runs; run += 1) {
    const injection = drawInjection(hosts, donors, factor, run % 4 === 3, random);
    if (injection !== null) results.push({ injection, result: runInjection(settings, injection, random) });
    progress.show('injecting', (run + 1) / runs, `${run + 1} of ${runs}`);
  }
  const quiet = Array.from({ length: Math.min(200, runs) }, () => namedInQuiet(hosts[Math.floor(random() * hosts.length)]!, random)).filter((named) => named !== null);
  progress.end();
  const among = (wanted: (injection: Injection) => boolean) => figuresOf(results.filter(({ injection }) => wanted(injection)).map(({ result }) => result));
  const figures = { few: among(({ version, count }) => !version && count < MANY), many: among(({ version, count }) => !version && count >= MANY), version: among(({ version }) => version) };
  const document = {
    seed, factor, budget: flags.budget, truth: flags.truth, hosts: hosts.length, donors: donors.length,
    ...figures,
    quietWindows: { windows: quiet.length, naming: quiet.filter((named) => named > 0).length },
    examples: results.slice(0, 20).map(({ injection, result }) => ({ host: injection.host.productId, donor: injection.donor.productId, days: injection.days, injected: injection.count, ...result })),
  };
  console.log(flags.json === true ? JSON.stringify(document, null, 1) : table(figures, document.quietWindows));
}

export async function productsOf(file: string, count: CountReviews = byStars): Promise<Product[]> {
  const { messages } = await readReviews(file, { map: new Map(), needStars: true, now: Date.now() });
  const byProduct = new Map<string, CountedReview[]>();
  for (const review of await count(messages)) {
    const held = byProduct.get(review.event.productId);
    if (held === undefined) byProduct.set(review.event.productId, [review]);
    else held.push(review);
  }
  const aspects = readLexicon(settingsOfRun().aspectsFile).aspectsOf(null);
  return [...byProduct].filter(([, events]) => events.length >= DONOR_NEGATIVES).map(([productId, events]) => productOf(productId, events, NEGATIVE_STARS, aspects));
}

/** Null when no draw for the host found a donor with enough negatives. */
function drawInjection(hosts: readonly Product[], donors: readonly Product[], factor: number, version: boolean, random: () => number): Injection | null {
  const host = hosts[Math.floor(random() * hosts.length)]!;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const donor = donors[Math.floor(random() * donors.length)]!;
    const days = 1 + Math.floor(7 * random());
    const [first, last] = [host.reviews[0]!.at, host.reviews.at(-1)!.at];
    const perDay = host.negatives.length / ((last - first) / DAY_MS);
    const count = Math.max(LEAST_INJECTED, Math.round((factor - 1) * perDay * days));
    const from = first + WARM_DAYS * DAY_MS + random() * (last - first - (WARM_DAYS + days + 1) * DAY_MS);
    if (donor !== host && count <= donor.negatives.length) return { host, donor, from, days, count, version };
  }
  return null;
}

/** A stretch of a host without anything injected, as long in negatives as a surge: how many contributors it gets. */
function namedInQuiet({ reviews, negatives, aspects }: Product, random: () => number): number | null {
  const size = 10 + Math.floor(40 * random());
  if (negatives.length < size + 30) return null;
  const begin = 30 + Math.floor(random() * (negatives.length - size - 30));
  const complaints = negatives.map(({ complaint }) => complaint);
  const [from, to] = [negatives[begin]!.at, negatives[begin + size - 1]!.at];
  const others = reviews.filter(({ negative, at }) => !negative && at >= from && at <= to).map(({ complaint }) => complaint);
  return contributorsAmong(complaints.slice(begin, begin + size), complaints.slice(Math.max(0, begin - MOST_READ), begin), others, aspects).length;
}

interface Figures {
  readonly runs: number;
  readonly found: number;
  readonly medianDelayHours: number | null;
  /** Of the found ones: right of the first three (missing ones count as wrong); right of those that were named; with nothing named; with the version named. */
  readonly precisionAt3: number | null;
  readonly rightOfNamed: number | null;
  readonly nothingNamed: number;
  readonly versionNamed: number;
}

export function figuresOf(results: readonly InjectedResult[]): Figures {
  const found = results.filter((result) => result.found);
  const delays = found.map(({ delayHours }) => delayHours!).sort((a, b) => a - b);
  const sum = (of: (result: InjectedResult) => number) => found.reduce((total, result) => total + of(result), 0);
  const named = sum((result) => result.named);
  return {
    runs: results.length, found: found.length, medianDelayHours: delays[Math.floor(delays.length / 2)] ?? null,
    precisionAt3: found.length === 0 ? null : sum(({ right }) => right) / (3 * found.length), rightOfNamed: named === 0 ? null : sum(({ right }) => right) / named,
    nothingNamed: found.filter((result) => result.named === 0).length, versionNamed: found.filter((result) => result.versionNamed).length,
  };
}

function table({ few, many, version }: { readonly few: Figures; readonly many: Figures; readonly version: Figures }, quiet: { readonly windows: number; readonly naming: number }): string {
  const percent = (value: number | null) => (value === null ? '-' : `${(100 * value).toFixed(0)} %`);
  const row = (name: string, f: Figures) => `| ${name} | ${f.runs} | ${percent(f.found / Math.max(1, f.runs))} | ${f.medianDelayHours === null ? '-' : f.medianDelayHours.toFixed(1)} h | ${percent(f.precisionAt3)} | ${percent(f.rightOfNamed)} | ${f.nothingNamed} | ${f.versionNamed} |`;
  return ['| injected | runs | found | median delay | precision at 3 | right of named | nothing named | version named |', '|---|---|---|---|---|---|---|---|', row(`words, fewer than ${MANY} reviews`, few), row(`words, ${MANY} or more`, many), row('with a version', version), '',
    `Quiet stretches of the same products: something named in ${quiet.naming} of ${quiet.windows}.`].join('\n');
}

function numberOf(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && text.trim() !== '') return value;
  throw new TidewatchError('SETTING_INVALID', `${flag} ${JSON.stringify(text.slice(0, 40))} cannot be used: expected a number of at least ${least}.`);
}
