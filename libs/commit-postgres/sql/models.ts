/** model and model_activation: what serves by setting, and since when; once a model was asked for, model_switch tells. Workers that start together agree through a lock per stream. */
import type { ModelRecord } from '#contracts';
import { jsonb, scalar, text } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement } from '../wire/statements.js';

const lockStream = statement('lock the models', "SELECT pg_advisory_xact_lock(hashtextextended('tidewatch model ' || $1, 0))", [text]);

const writeModel = statement('write a model', `
INSERT INTO internal.model AS held (model_id, stream, manifest, card) VALUES ($1, $2, $3, $4)
ON CONFLICT (model_id) DO UPDATE SET manifest = excluded.manifest, card = excluded.card
WHERE (held.manifest, held.card) IS DISTINCT FROM (excluded.manifest, excluded.card)`, [text, text, jsonb, jsonb]);

const activate = statement('activate a model', `
INSERT INTO internal.model_activation (stream, model_id, previous_model_id, policy)
SELECT $2, $1, last.model_id, CASE WHEN last.model_id IS NULL THEN 'first' ELSE $3 END
FROM (SELECT (SELECT model_id FROM internal.model_activation WHERE stream = $2 ORDER BY activated_at DESC LIMIT 1) AS model_id) last
WHERE last.model_id IS DISTINCT FROM $1 AND NOT EXISTS (SELECT 1 FROM internal.model_request WHERE stream = $2)`, [text, text, text]);

export function addModel(to: Pipeline, { modelId, stream, manifest, card, policy }: ModelRecord): void {
  to.add(lockStream, [scalar(text, stream)]);
  to.add(writeModel, [scalar(text, modelId), scalar(text, stream), scalar(jsonb, manifest), scalar(jsonb, card)]);
  to.add(activate, [scalar(text, modelId), scalar(text, stream), scalar(text, policy)]);
}
