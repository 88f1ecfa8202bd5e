/** model_request and model_switch: which model was asked for, and from which offset on it scores a partition. */
import type { ModelRequest, ModelSwitch, StatePolicy, StoredReview, StreamName } from '#contracts';
import { int4, int8, scalar, text } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement } from '../wire/statements.js';

const writeSwitch = statement('write a change of model', `
INSERT INTO internal.model_switch (stream, topic, partition, from_offset, request_id, model_id, policy, rewarm_events) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
[text, text, int4, int8, int4, text, text, int4]);

export function addModelSwitch(to: Pipeline, change: ModelSwitch | undefined): void {
  if (change === undefined) return;
  to.add(writeSwitch, [
    scalar(text, change.stream), scalar(text, change.topic), scalar(int4, change.partition), scalar(int8, change.fromOffset),
    scalar(int4, change.requestId), scalar(text, change.modelId), scalar(text, change.policy), scalar(int4, change.rewarmEvents),
  ]);
}

const REQUEST = 'SELECT stream, request_id, model_id, folder, policy, rewarm_events FROM internal.model_request WHERE stream = $1';
export const NEWEST_REQUEST = `${REQUEST} ORDER BY request_id DESC LIMIT 1`;
export const ONE_REQUEST = `${REQUEST} AND request_id = $2`;
export const SWITCHES = `
SELECT stream, topic, partition, from_offset, request_id, model_id, policy, rewarm_events FROM internal.model_switch
WHERE topic = $1 AND partition = $2 ORDER BY from_offset`;
export const NOTE_FAILURE = 'UPDATE internal.model_request SET failure = $3 WHERE stream = $1 AND request_id = $2';

/** A higher revision that came behind the first is no step of a state; rows of revision 0 are always first. */
export const RECENT_REVIEWS = `
SELECT recent.* FROM unnest($3::text[]) AS wanted (product_id), LATERAL (
  SELECT s.product_id, s."offset", s.title, s.text, s.rating, extract(epoch FROM s.reviewed_at) * 1000 AS reviewed_at
  FROM internal.review_score s
  WHERE s.product_id = wanted.product_id AND s.topic = $1 AND s.partition = $2 AND s."offset" < $4
    AND (s.revision = 0 OR NOT EXISTS (SELECT 1 FROM internal.review_score e
      WHERE e.product_id = s.product_id AND e.review_id = s.review_id AND e.topic = s.topic AND e.partition = s.partition AND e."offset" < s."offset"))
  ORDER BY s.reviewed_at DESC, s."offset" DESC LIMIT $5
) recent ORDER BY recent."offset"`;

interface PolicyRow {
  readonly stream: StreamName;
  readonly request_id: number;
  readonly model_id: string;
  readonly policy: 'cold' | 'rewarm';
  readonly rewarm_events: number | null;
}

export type RequestRow = PolicyRow & { readonly folder: string };
export type SwitchRow = PolicyRow & { readonly topic: string; readonly partition: number; readonly from_offset: string };
export interface RecentRow { readonly product_id: string; readonly title: string | null; readonly text: string; readonly rating: number | null; readonly reviewed_at: string }

const policyOf = ({ policy, rewarm_events }: PolicyRow): StatePolicy => (policy === 'rewarm' ? { policy, rewarmEvents: rewarm_events! } : { policy, rewarmEvents: null });

export const requestOf = (row: RequestRow): ModelRequest => ({ stream: row.stream, requestId: row.request_id, modelId: row.model_id, folder: row.folder, ...policyOf(row) });

export const switchOf = (row: SwitchRow): ModelSwitch =>
  ({ stream: row.stream, topic: row.topic, partition: row.partition, fromOffset: BigInt(row.from_offset), requestId: row.request_id, modelId: row.model_id, ...policyOf(row) });

export const storedReviewOf = ({ product_id, title, text: words, rating, reviewed_at }: RecentRow): StoredReview => ({ productId: product_id, title, text: words, rating, reviewedAt: Number(reviewed_at) });
