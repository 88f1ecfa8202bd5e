/** `tidewatch backtest surges FILE`: what would have fired on these reviews, with evidence, before alerts are switched on. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type EntityState, type SurgeEvidence, TidewatchError } from '#contracts';
import { documentOf, htmlReport, type SeenReview } from '#backtest-surges';
import { Calendar, EMPTY_CALENDAR, freshSurgeTracker, summarizeSurge, surgeSettings } from '#detect-surge';
import { type Aspects, bestEvidence, contributorsAmong, excerptOf, MOST_READ } from '#explain-surge';
import { parseBudget } from '#load-config';
import { freshState } from '#score-with-state';
import { openModel } from '../stream-worker/open-model.js';
import { reviewTrackerCodec, type ReviewTracker } from '../review-worker/review-tracker.js';
import type { ReviewScoring } from '../review-worker/review-step.js';
import { readReviews } from './backtest-read.js';
import { readCalendar } from './read-calendar.js';
import { replayReviews } from './backtest-replay.js';
import { readLexicon } from '../stream-worker/read-lexicon.js';
import { NEGATIVE_STARS, starEncoder, starStepper } from './backtest-stars.js';
import { parseMap } from './feed-mapping.js';
import type { Screen } from './feed-progress.js';
import { ProgressLine } from './progress-line.js';
import { RefusedRows } from './refused-rows.js';
import { settingsOfRun } from './running.js';

export interface SurgesFlags {
  readonly map?: string;
  readonly truth: string;
  readonly budget: string;
  /** An iCalendar file of known events. */
  readonly calendar?: string;
  readonly out?: string;
  readonly json?: true;
}

export async function backtestSurges(file: string, flags: SurgesFlags, { print = console.log, screen = process.stderr }: { readonly print?: (text: string) => void; readonly screen?: Screen } = {}): Promise<void> {
  const stars = truthOf(flags.truth) === 'stars';
  const map = flags.map === undefined ? new Map<string, string>() : parseMap(flags.map);
  const budgetPerDay = parseBudget(flags.budget, '--budget');
  const out = flags.out ?? join('.tidewatch', 'backtest', basename(file).replace(/\.(jsonl|json|csv|tsv|gz)\b/g, ''));
  const aspects = readLexicon(settingsOfRun().aspectsFile).aspectsOf(null);
  const progress = new ProgressLine(screen);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const begun = performance.now();
  try {
    const read = await readReviews(file, { map, needStars: stars, now: Date.now(), signal: stop.signal, onProgress: (share, lines) => progress.show('reading', share, `${lines.toLocaleString('en')} lines`) });
    const calendar = flags.calendar === undefined ? EMPTY_CALENDAR : new Calendar(1, await readCalendar(flags.calendar, { zone: settingsOfRun().surgeTimeZone, from: read.from, until: read.to + 1 }));
    const opened = stars ? { ...scoringParts({ stepper: starStepper, recalibrator: null }, 1, budgetPerDay, calendar), encoder: starEncoder, close: () => Promise.resolve() } : await openScoring(budgetPerDay, calendar);
    try {
      const { collected, rejections, duplicates } = await replayReviews(read.messages, {
        encoder: opened.encoder, scoring: opened.scoring, signal: stop.signal,
        onProgress: (scored, surges) => progress.show('scoring', scored / read.messages.length, `${scored.toLocaleString('en')} reviews, ${surges} surges`),
      });
      progress.end();
      if (stop.signal.aborted) {
        progress.line('stopped; nothing was written');
        process.exitCode = 130;
        return;
      }
      const refused = [...read.refused, ...rejections.map(({ position, code, reason }) => ({ line: Number(position.offset), code, reason }))].sort((a, b) => a.line - b.line);
      const told = new RefusedRows((line) => { progress.line(line); });
      for (const row of refused) told.add({ file: basename(file), ...row });
      told.end(join(out, 'refused.jsonl'));
      if (duplicates > 0) progress.line(`${duplicates.toLocaleString('en')} lines repeat a review and were counted once.`);
      if (read.outOfOrder > 0) progress.line(`${read.outOfOrder.toLocaleString('en')} lines stood behind a later review; they were sorted by reviewedAt.`);
      collected.explain((now, before, others) => ({ contributors: contributorsAmong(now, before, others, aspects), evidence: evidenceAmong(now, before, aspects) }), MOST_READ);
      const document = documentOf(collected, flags.budget);
      const truth = stars ? `${NEGATIVE_STARS} stars or less` : `P(negative) of ${opened.scoring.stepper.modelId}, with a review’s own stars counted in`;
      await write(out, { 'report.html': htmlReport({ file: basename(file), budget: flags.budget, truth, refused: refused.length, collected }), 'surges.json': `${JSON.stringify(document, null, 2)}\n`, 'refused.jsonl': refused.map((line) => `${JSON.stringify(line)}\n`).join('') });
      const seconds = (performance.now() - begun) / 1000;
      progress.line(`${document.reviews.toLocaleString('en')} reviews in ${seconds.toFixed(1)} s (${Math.round(document.reviews / seconds).toLocaleString('en')}/s); report: ${join(out, 'report.html')}`);
      print(flags.json === true ? JSON.stringify(document, null, 2) : summary(document));
      if (document.reviews === 0) process.exitCode = 1;
    } finally {
      await opened.close();
    }
  } finally {
    progress.end();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function evidenceAmong(now: readonly SeenReview[], before: readonly SeenReview[], aspects: Aspects): SurgeEvidence[] {
  return bestEvidence(now, before, aspects).map(({ reviewId, position, at, pNegative, text, topWords }, i) => {
    const { excerpt, words } = excerptOf(text, topWords);
    return { rank: i + 1, reviewId, position, at, pNegative, excerpt, topWords: words };
  });
}

export function truthOf(text: string): 'model' | 'stars' {
  if (text === 'model' || text === 'stars') return text;
  throw new TidewatchError('SETTING_INVALID', `--truth ${JSON.stringify(text.slice(0, 40))} is not known: expected "model" (P(negative) of the review model, stars counted in) or "stars" (${NEGATIVE_STARS} or less are negative).`);
}

/** The worker's own scoring, starting from the default prior as a new database does. */
export function scoringParts({ stepper, recalibrator }: Pick<ReviewScoring, 'stepper' | 'recalibrator'>, temperature: number, budgetPerDay: number, calendar: Calendar = EMPTY_CALENDAR): { readonly scoring: ReviewScoring } {
  const timeZone = settingsOfRun().surgeTimeZone;
  const surge = surgeSettings({ budgetPerDay, ...(timeZone === 'UTC' ? {} : { timeZone }) });
  return {
    scoring: {
      stepper,
      recalibrator,
      codec: reviewTrackerCodec,
      surge,
      calendar: () => calendar,
      temperature,
      fresh: (productId): EntityState<ReviewTracker> => freshState(productId, stepper, 1n, { expected: null, surge: freshSurgeTracker({}) }),
      summarize: (tracker, productId) => summarizeSurge(tracker.surge, calendar.settingsOf(surge, productId)),
    },
  };
}

export async function openScoring(budgetPerDay: number, calendar: Calendar = EMPTY_CALENDAR) {
  const settings = settingsOfRun();
  const model = await openModel(settings.models.reviews, settings);
  if (model.encoder === null) {
    await model.close();
    throw new TidewatchError('MODEL_INVALID', `${settings.models.reviews} has no encoder: expected a review model with encoder.onnx. Name another folder with REVIEW_MODEL, or use --truth stars.`);
  }
  return { ...scoringParts(model, model.manifest.temperature ?? 1, budgetPerDay, calendar), encoder: model.encoder, close: () => model.close() };
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  } catch (cause) {
    throw new TidewatchError('SETTING_INVALID', `--out ${folder} cannot be written (${(cause as Error).message}): expected a folder that exists or can be made.`, { cause });
  }
}

function summary({ reviews, products, from, to, budget, surges }: ReturnType<typeof documentOf>): string {
  if (from === null || to === null) return 'No usable review.';
  const lines = surges.map((s) => `  ${s.openedAt.slice(0, 16)}  ${s.channel.padEnd(5)} severity ${String(s.severity).padStart(2)}  ${s.observed.toFixed(1).padStart(6)} where ${s.expected.toFixed(1).padStart(5)} expected  ${s.productId.slice(0, 40)}${s.contributors.length === 0 ? '' : `  (${s.contributors.slice(0, 3).map((c) => c.value).join(', ')})`}${s.events.length === 0 ? '' : `  [${s.muted ? 'muted: ' : ''}${s.events.map(({ name }) => name).join(', ')}]`}`);
  const head = `${reviews.toLocaleString('en')} reviews of ${products.toLocaleString('en')} products, ${from.slice(0, 10)} to ${to.slice(0, 10)}, budget ${budget}: ${surges.length} surges.`;
  return [head, ...lines].join('\n');
}
