/** Requests for a model, as the operator's command writes them: the model, the request and, for a replay, where each partition changes, in one transaction. */
import type { Client } from 'pg';
import { TidewatchError, type StatePolicy, type StreamName, type TopicPartition } from '#contracts';

export type Place = TopicPartition & { readonly offset: bigint };

export type Asked = StatePolicy & {
  readonly stream: StreamName;
  readonly modelId: string;
  readonly folder: string;
  readonly manifest: string;
  readonly card: string;
  /** Where partitions change; those not named change at their next batch. */
  readonly at: readonly Place[];
};

/** @returns the number of the request */
export async function askForModel(client: Client, { stream, modelId, folder, manifest, card, policy, rewarmEvents, at }: Asked): Promise<number> {
  await client.query('begin');
  try {
    await client.query("select pg_advisory_xact_lock(hashtextextended('tidewatch model ' || $1, 0))", [stream]);
    const { rows: [newest] } = await client.query<{ request_id: number; model_id: string; failure: string | null }>('select request_id, model_id, failure from internal.model_request where stream = $1 order by request_id desc limit 1', [stream]);
    if (newest !== undefined && newest.model_id === modelId && newest.failure === null) {
      throw new TidewatchError('SETTING_INVALID', `Model ${modelId} was asked for already (request ${newest.request_id}); expected another one. See "tidewatch models".`);
    }
    await client.query(`insert into internal.model as held (model_id, stream, manifest, card) values ($1, $2, $3, $4) on conflict (model_id) do update set manifest = excluded.manifest, card = excluded.card`, [modelId, stream, manifest, card]);
    const requestId = (newest?.request_id ?? 0) + 1;
    await client.query('insert into internal.model_request (stream, request_id, model_id, folder, policy, rewarm_events) values ($1, $2, $3, $4, $5, $6)', [stream, requestId, modelId, folder, policy, rewarmEvents]);
    for (const { topic, partition, offset } of at) {
      const { rows: [lease] } = await client.query<{ next_offset: string }>('select next_offset from internal.stream_lease where topic = $1 and partition = $2 for update', [topic, partition]);
      if (lease !== undefined && BigInt(lease.next_offset) > offset) {
        throw new TidewatchError('SETTING_INVALID', `--at names offset ${offset} of ${topic}/${partition}, which stands at ${lease.next_offset} already; expected an offset from there on.`);
      }
      await client.query('insert into internal.model_switch (stream, topic, partition, from_offset, request_id, model_id, policy, rewarm_events) values ($1, $2, $3, $4, $5, $6, $7, $8)', [stream, topic, partition, offset, requestId, modelId, policy, rewarmEvents]);
    }
    await client.query('commit');
    return requestId;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** `reviews.v1/0:1200,reviews.v1/1:80` */
export function parsePlaces(text: string): readonly Place[] {
  const places = text.split(',').map((part): Place => {
    const found = /^(?<topic>[A-Za-z0-9._-]+)\/(?<partition>\d{1,9}):(?<offset>\d{1,18})$/.exec(part.trim())?.groups;
    if (found === undefined) throw new TidewatchError('SETTING_INVALID', `--at "${part}" cannot be read: expected topic/partition:offset, several separated by commas, such as reviews.v1/0:1200.`);
    return { topic: found['topic']!, partition: Number(found['partition']), offset: BigInt(found['offset']!) };
  });
  const names = places.map(({ topic, partition }) => `${topic}/${partition}`);
  if (new Set(names).size !== names.length) throw new TidewatchError('SETTING_INVALID', '--at names a partition twice: expected one offset for each.');
  return places;
}

export interface RequestLine {
  readonly stream: StreamName;
  readonly request_id: number;
  readonly model_id: string;
  readonly folder: string;
  readonly policy: string;
  readonly rewarm_events: number | null;
  readonly failure: string | null;
  /** Partitions that it scores or will score, such as reviews.v1/0:1200. */
  readonly places: readonly string[];
}

export async function readRequests(client: Client): Promise<readonly RequestLine[]> {
  const { rows } = await client.query<RequestLine>(`
select r.stream, r.request_id, r.model_id, r.folder, r.policy, r.rewarm_events, r.failure,
  array(select s.topic || '/' || s.partition || ':' || s.from_offset from internal.model_switch s where s.stream = r.stream and s.request_id = r.request_id order by s.topic, s.partition) as places
from internal.model_request r order by r.stream, r.request_id`);
  return rows;
}
