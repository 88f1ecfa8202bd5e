/**
 * What time itself causes, each chore on its own and harmless to repeat: close quiet surges, flag dead feeds, make and
 * drop partitions, write snapshots, hand the outbox to the stream. Two schedulers side by side do no harm: every write
 * is fenced by a version, a key or a row lock.
 */
import type { Pool } from 'pg';
import type { StreamProducer, StreamStore } from '#contracts';
import { type Calendar, elapseSurge, ordinarySilence, poolPrior, type SurgeSettings } from '#detect-surge';
import type { Lexicon } from '#explain-surge';
import type { Settings } from '#load-config';
import { saying } from '#plan-notifications';
import { replaceTracker, restoreState } from '#score-with-state';
import { reviewTrackerCodec } from '../review-worker/review-tracker.js';
import { judgeFeed } from './dead-feed.js';
import { eventTimeReached } from './event-time.js';
import { evidenceOf } from './hasty-evidence.js';
import * as tables from './tables.js';
import { inTransaction, withClient } from './with-client.js';

export interface ChoreParts {
  readonly pool: Pool;
  readonly store: StreamStore;
  readonly producer: StreamProducer;
  readonly settings: Settings;
  readonly surge: SurgeSettings;
  /** Known events, the newest snapshot. */
  readonly calendar: () => Calendar;
  readonly summarize: (tracker: Parameters<typeof elapseSurge>[1], productId: string) => Readonly<Record<string, unknown>>;
  readonly say: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

const OUTBOX_BATCH = 500;
const PRUNE_ROWS = 5_000;
const PRUNE_TURNS = 200;

/** Surges of products that went quiet: nobody's next review will close them. Fenced by the state's version. */
export async function closeQuietSurges({ pool, store, settings, surge, calendar, summarize, say }: ChoreParts, now: number): Promise<number> {
  const [products, times] = await withClient(pool, async (client) => [await tables.openSurgeProducts(client), await tables.partitionTimes(client, settings.topics.reviews)] as const);
  const reached = eventTimeReached(times, now);
  if (reached === null || products.length === 0) return 0;
  let changed = 0;
  const { states } = await store.load({ stream: 'reviews', entities: products, reviews: [] });
  for (const stored of states.values()) {
    const state = restoreState(stored, null, reviewTrackerCodec);
    const { tracker, records } = elapseSurge(calendar().settingsOf(surge, stored.entity), state.tracker.surge, stored.entity, reached, stored.modelId);
    if (records.length === 0) continue;
    const next = replaceTracker(stored, { ...state.tracker, surge: tracker }, reviewTrackerCodec, summarize(tracker, stored.entity));
    const outcome = await store.amend({ stream: 'reviews', state: next, expectedVersion: stored.version, surges: records });
    if (outcome.kind !== 'committed') continue; // a worker was faster: it has seen the same moment
    changed += 1;
    say('time closed or eased a surge', { product: stored.entity, status: records.at(-1)!.status, at: new Date(records.at(-1)!.at).toISOString() });
  }
  return changed;
}

/** A topic's silence is judged by its own gaps; shorter than `deadFeedSeconds` it is never looked into. */
export async function watchFeeds({ pool, settings, surge, say }: ChoreParts, now: number): Promise<void> {
  for (const [stream, topic] of [['reviews', settings.topics.reviews], ['quotes', settings.topics.quotes]] as const) {
    await withClient(pool, async (client) => {
      const commits = (await tables.partitionTimes(client, topic)).flatMap(({ committedAt }) => (committedAt === null ? [] : [committedAt]));
      const lastCommit = commits.length === 0 ? null : Math.max(...commits);
      const shortest = settings.deadFeedSeconds * 1000;
      const silent = lastCommit !== null && now - lastCommit > shortest;
      const limit = silent ? Math.max(shortest, ordinarySilence(await tables.topicGaps(client, topic), surge.budgetPerDay) ?? 0) : shortest;
      const change = judgeFeed({ stream, lastCommit, flagged: await tables.isFlagged(client, stream) }, now, limit);
      if (change.kind === 'flag') {
        await tables.flagFeed(client, stream, change.silentSince);
        say('the feed is dead: no message came', { stream, silentSince: new Date(change.silentSince).toISOString() });
      } else if (change.kind === 'clear') {
        await tables.clearFeed(client, stream);
        say('the feed is back', { stream });
      }
    });
  }
}

export async function keepPartitions({ pool, settings, say }: ChoreParts): Promise<void> {
  await withClient(pool, async (client) => {
    const made = await tables.ensurePartitions(client);
    const dropped = await tables.dropPartitions(client, settings.retentionDays);
    if (made + dropped > 0) say('partitions kept', { made, dropped });
  });
}

/** Short statements, so that no worker waits behind a long one; what is left is taken an hour later. */
export async function pruneOldRows({ pool, settings, say }: ChoreParts): Promise<void> {
  let pruned = 0n;
  for (let turn = 0; turn < PRUNE_TURNS; turn += 1) {
    const gone = await withClient(pool, (client) => tables.pruneOldRows(client, settings.retentionDays, PRUNE_ROWS));
    pruned += gone;
    if (gone === 0n) break;
  }
  if (pruned > 0n) say('rows older than the retention removed', { rows: pruned });
}

/** The prior of all products, for products that begin from now on; states already begun keep the snapshot they name. */
export async function writePriorSnapshot({ pool, say }: ChoreParts): Promise<void> {
  await withClient(pool, async (client) => {
    const summaries = await tables.productSummaries(client);
    if (summaries.length === 0) return;
    const body = { ...poolPrior(summaries as Parameters<typeof poolPrior>[0]), products: summaries.length };
    if (await tables.writeSnapshot(client, 'reviews', body)) say('prior of all products written', { products: summaries.length });
  });
}

/** At least once, in order per surge, with what its negatives have in common where that is worked out within `explainMs`; the message carries the outbox id, so that a reader can drop a repeat. */
export async function deliverOutbox({ pool, producer, settings }: ChoreParts, explainMs: number, lexicon: Lexicon): Promise<number> {
  return inTransaction(pool, async (client) => {
    if (!(await tables.takeTurn(client, 'outbox'))) return 0;
    const rows = await tables.takeOutbox(client, OUTBOX_BATCH, explainMs);
    if (rows.length > 0) {
      const messages: { readonly key: string; readonly value: string }[] = [];
      for (const row of rows) messages.push({ key: row.message_key, value: JSON.stringify({ id: row.outbox_id, ...row.payload, evidence: await evidenceOf(client, row, lexicon), ...saying(row.explained, row.payload.observed) }) });
      await producer.send(settings.topics.surges, messages);
      await tables.markDelivered(client, rows.map((row) => row.outbox_id));
    }
    return rows.length;
  });
}
