/** `tidewatch replay --dead-letters`: rejected messages are tried again, by sending them back to where they came from. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { Client } from 'pg';
import { REJECTION_CODES, TidewatchError } from '#contracts';
import { openProducer } from '../stream-worker/open-parts.js';
import { requireDatabase } from '../stream-worker/require-database.js';
import { Progress } from './feed-progress.js';
import { replayDeadLetters, type ReplayChoice, type ReplayOutcome } from './replay-dead-letters.js';
import { settingsOfRun } from './running.js';

interface ReplayOptions {
  readonly topic?: string;
  readonly code?: string;
  readonly limit?: string;
  readonly json: boolean;
}

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('try rejected messages again')
    .requiredOption('--dead-letters', 'send dead letters that were not replayed yet back to their topic')
    .option('--topic <name>', 'only those of this topic (default: the topics of reviews and quotes)')
    .option('--code <code>', 'only those rejected with this code, such as far_future')
    .option('--limit <number>', 'at most this many')
    .option('--json', 'one JSON document instead of a sentence', false)
    .addHelpText('after', '\nA message that fails again becomes a new dead letter; one that was taken meanwhile counts as a duplicate.\nCtrl-C stops between batches; the same command goes on from there.\n\nExample:\n  npm run tidewatch -- replay --dead-letters --code far_future --limit 1000\n')
    .action(replay);
}

async function replay({ topic, code, limit, json }: ReplayOptions): Promise<void> {
  const settings = settingsOfRun();
  const choice: ReplayChoice = { topics: topic === undefined ? [settings.topics.reviews, settings.topics.quotes] : [topic], code: knownCode(code), limit: wholeLimit(limit) };
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const client = new Client({ connectionString: requireDatabase(settings), application_name: 'tidewatch replay' });
  const producer = openProducer(settings);
  const progress = new Progress(process.stderr, () => performance.now());
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await Promise.all([client.connect(), producer.start()]);
    const outcome = await replayDeadLetters({
      client, producer, signal: stop.signal,
      wait: async (ms, signal) => { await sleep(ms, undefined, { signal }); },
      notice: (line) => progress.line(line),
      progress: (replayed, of) => progress.show('dead letters', replayed / of, { sent: replayed, refused: 0 }),
    }, choice);
    progress.end();
    process.stdout.write(json ? `${JSON.stringify(outcome)}\n` : `${summary(outcome, choice)}\n`);
    if (outcome.stopped) process.exitCode = 130;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await Promise.allSettled([client.end(), producer.stop()]);
  }
}

function summary({ replayed, tombstones, refused, left, stopped }: ReplayOutcome, { topics, limit }: ReplayChoice): string {
  const count = (n: number) => `${n.toLocaleString('en')} dead letter${n === 1 ? '' : 's'}`;
  const first = replayed + refused + left === 0 ? `No dead letter of ${topics.join(' and ')} waits to be replayed.` : `${count(replayed)} sent back; what fails again becomes a new dead letter.`;
  const rest = left === 0 ? '' : ` ${count(left)} ${left === 1 ? 'is' : 'are'} left${stopped ? ': stopped' : limit === null ? ': another replay holds them' : ' beyond the limit'}; the same command goes on.`;
  const large = refused === 0 ? '' : ` Not sent: ${count(refused)} larger than the broker takes; raise its message.max.bytes and replay again.`;
  return `${first}${rest}${large}${tombstones === 0 ? '' : ` Passed over: ${count(tombstones)} without a value, which leave${tombstones === 1 ? 's' : ''} nothing to try.`}`;
}

function knownCode(code: string | undefined): string | null {
  if (code === undefined) return null;
  if ((REJECTION_CODES as readonly string[]).includes(code)) return code;
  throw new TidewatchError('SETTING_INVALID', `--code is "${code}": expected one of ${REJECTION_CODES.join(', ')}.`);
}

function wholeLimit(limit: string | undefined): number | null {
  if (limit === undefined) return null;
  const number = Number(limit);
  if (!Number.isInteger(number) || number < 1) throw new TidewatchError('SETTING_INVALID', `--limit is "${limit}": expected a whole number from 1.`);
  return number;
}
