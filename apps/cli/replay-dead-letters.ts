/**
 * Sends dead letters back to the topic they came from, with the bytes of their key and value, and marks them after the
 * broker's acknowledgement: a crash in between sends a batch twice, which the flow counts as duplicates. The set is fixed at
 * the start, so that a message that fails again, a new dead letter at its new offset, does not go round. Messages get a new
 * timestamp: a review that was rejected as far in the future is accepted once its time has come.
 */
import type { ClientBase } from 'pg';
import type { OutgoingMessage, StreamProducer } from '#contracts';
import { sendPatiently } from './feed-send.js';

export interface ReplayChoice {
  readonly topics: readonly string[];
  /** One code only; null for all. */
  readonly code: string | null;
  readonly limit: number | null;
}

export interface ReplayParts {
  readonly client: ClientBase;
  readonly producer: StreamProducer;
  readonly signal: AbortSignal;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly notice: (line: string) => void;
  readonly progress: (replayed: number, of: number) => void;
}

export interface ReplayOutcome {
  readonly replayed: number;
  /** Messages without a value, which have nothing to try again. */
  readonly tombstones: number;
  /** Chosen, but not sent: the signal came or the limit was reached. */
  readonly left: number;
  readonly stopped: boolean;
}

interface LetterRow {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly payload: Buffer;
}

/** At most 1 MB each: what a batch holds in memory. */
const BATCH = 100;
const CHOSEN = 'topic = any($1) and ($2::text is null or code = $2) and noted_at <= $3::timestamptz and replayed_at is null';

export async function replayDeadLetters(parts: ReplayParts, choice: ReplayChoice): Promise<ReplayOutcome> {
  const { client, signal } = parts;
  const { rows: clock } = await client.query<{ now: string }>('select clock_timestamp()::text as now');
  const chosen = [choice.topics, choice.code, clock[0]!.now];
  const { rows: counts } = await client.query<{ letters: string; tombstones: string }>(`select count(payload) as letters, count(*) - count(payload) as tombstones from internal.dead_letter where ${CHOSEN}`, chosen);
  const letters = Number(counts[0]!.letters);
  const wanted = Math.min(letters, choice.limit ?? Infinity);
  let replayed = 0;
  while (replayed < wanted && !signal.aborted) {
    const sent = await replayBatch(parts, chosen, Math.min(BATCH, wanted - replayed));
    if (sent === 0) break;
    replayed += sent;
    parts.progress(replayed, wanted);
  }
  return { replayed, tombstones: Number(counts[0]!.tombstones), left: letters - replayed, stopped: signal.aborted && replayed < wanted };
}

/** Rows that another replay holds are passed over: it sends them. @returns 0 when none is left or the signal came first */
async function replayBatch({ client, producer, signal, wait, notice }: ReplayParts, chosen: readonly unknown[], limit: number): Promise<number> {
  await client.query('begin');
  try {
    const { rows } = await client.query<LetterRow>(
      `select topic, partition, "offset", key, payload from internal.dead_letter where ${CHOSEN} and payload is not null
       order by topic, partition, "offset" limit $4 for update skip locked`, [...chosen, limit]);
    const byTopic = new Map<string, OutgoingMessage[]>();
    for (const { topic, key, payload } of rows) {
      const messages = byTopic.get(topic) ?? [];
      messages.push({ key, value: payload });
      byTopic.set(topic, messages);
    }
    for (const [topic, messages] of byTopic) {
      if (!(await sendPatiently({ producer, topic, signal, wait, notice }, messages))) {
        await client.query('rollback');
        return 0;
      }
    }
    await client.query(
      `update internal.dead_letter d set replayed_at = clock_timestamp() from unnest($1::text[], $2::int[], $3::bigint[]) as sent(topic, partition, "offset")
       where d.topic = sent.topic and d.partition = sent.partition and d."offset" = sent."offset"`,
      [rows.map((row) => row.topic), rows.map((row) => row.partition), rows.map((row) => row.offset)]);
    await client.query('commit');
    return rows.length;
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the first fault is the one to tell
    throw error;
  }
}
