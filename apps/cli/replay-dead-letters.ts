/**
 * Sends dead letters back to the topic they came from, with the bytes of their key and value, and marks them after the
 * broker's acknowledgement: a crash in between sends a batch twice, which the flow counts as duplicates. The set is fixed at
 * the start, so that a message that fails again, a new dead letter at its new offset, does not go round. Messages get a new
 * timestamp: a review that was rejected as far in the future is accepted once its time has come.
 */
import type { ClientBase } from 'pg';
import { TidewatchError, type StreamProducer } from '#contracts';
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
  /** Larger than the broker takes today; they stay as they are. */
  readonly refused: number;
  /** Chosen, but not tried: the signal came or the limit was reached. */
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

/** Messages of at most 1 MB each: what a batch holds in memory. */
const BATCH = 100;
/** Bytes from which a message is sent alone, so that a broker that refuses its size refuses nothing else. */
const ALONE_BYTES = 512 * 1024;
const CHOSEN = 'topic = any($1) and ($2::text is null or code = $2) and noted_at <= $3::timestamptz and replayed_at is null';

export async function replayDeadLetters(parts: ReplayParts, choice: ReplayChoice): Promise<ReplayOutcome> {
  const { client, signal } = parts;
  const { rows: clock } = await client.query<{ now: string }>('select clock_timestamp()::text as now');
  const chosen = [choice.topics, choice.code, clock[0]!.now];
  const { rows: counts } = await client.query<{ letters: string; tombstones: string }>(`select count(payload) as letters, count(*) - count(payload) as tombstones from internal.dead_letter where ${CHOSEN}`, chosen);
  const letters = Number(counts[0]!.letters);
  const wanted = Math.min(letters, choice.limit ?? Infinity);
  let replayed = 0;
  let refused = 0;
  let after: LetterRow | null = null;
  while (replayed < wanted && !signal.aborted) {
    const batch: BatchOutcome | null = await replayBatch(parts, chosen, after, Math.min(BATCH, wanted - replayed));
    if (batch === null) break;
    ({ after } = batch);
    replayed += batch.replayed;
    refused += batch.refused;
    parts.progress(replayed, wanted);
  }
  return { replayed, tombstones: Number(counts[0]!.tombstones), refused, left: letters - replayed - refused, stopped: signal.aborted && replayed + refused < wanted };
}

interface BatchOutcome {
  readonly replayed: number;
  readonly refused: number;
  readonly after: LetterRow;
}

/** Rows that another replay holds are passed over: it sends them. @returns null when none is left or the signal came first */
async function replayBatch(parts: ReplayParts, chosen: readonly unknown[], after: LetterRow | null, limit: number): Promise<BatchOutcome | null> {
  const { client } = parts;
  await client.query('begin');
  try {
    const { rows } = await client.query<LetterRow>(
      `select topic, partition, "offset", key, payload from internal.dead_letter
       where ${CHOSEN} and payload is not null and ($4::text is null or (topic, partition, "offset") > ($4, $5::int, $6::bigint))
       order by topic, partition, "offset" limit $7 for update skip locked`, [...chosen, after?.topic ?? null, after?.partition ?? null, after?.offset ?? null, limit]);
    const sent: LetterRow[] = [];
    let refused = 0;
    for (const run of runs(rows)) {
      const answer = await sendRun(parts, run);
      if (answer === 'stopped') break;
      if (answer === 'refused') refused += run.length;
      else sent.push(...run);
    }
    await client.query(
      `update internal.dead_letter d set replayed_at = clock_timestamp() from unnest($1::text[], $2::int[], $3::bigint[]) as sent(topic, partition, "offset")
       where d.topic = sent.topic and d.partition = sent.partition and d."offset" = sent."offset"`,
      [sent.map((row) => row.topic), sent.map((row) => row.partition), sent.map((row) => row.offset)]);
    await client.query('commit');
    return rows.length === 0 ? null : { replayed: sent.length, refused, after: rows.at(-1)! };
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the first fault is the one to tell
    throw error;
  }
}

/** What is sent in one call: rows of one topic that follow each other, or one large row. */
function runs(rows: readonly LetterRow[]): LetterRow[][] {
  const cut: LetterRow[][] = [];
  const isLarge = ({ payload }: LetterRow) => payload.length > ALONE_BYTES;
  for (const row of rows) {
    const last = cut.at(-1)?.at(-1);
    if (last === undefined || last.topic !== row.topic || isLarge(last) || isLarge(row)) cut.push([row]);
    else cut.at(-1)!.push(row);
  }
  return cut;
}

async function sendRun({ producer, signal, wait, notice }: ReplayParts, run: readonly LetterRow[]): Promise<'sent' | 'stopped' | 'refused'> {
  const [{ topic, partition, offset, payload }] = run as [LetterRow];
  try {
    const sent = await sendPatiently({ producer, topic, signal, wait, notice }, run.map((row) => ({ key: row.key, value: row.payload })));
    return sent ? 'sent' : 'stopped';
  } catch (error) {
    if (!(error instanceof TidewatchError && error.code === 'SETTING_INVALID' && payload.length > ALONE_BYTES)) throw error;
    notice(`${topic}/${partition} offset ${offset} is not sent: ${error.message}`);
    return 'refused';
  }
}
