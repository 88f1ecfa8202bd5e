/** What everyone may read about the pipeline itself: positions, gaps, rejected messages, models, silence. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'dead_letters',
    comment: 'Messages that were not taken, and why. Bytes that are no UTF-8 are shown escaped; 8,192 characters at most.',
    columns: {
      topic: 'Topic of the message.',
      partition: 'Partition of the message.',
      offset: 'Offset of the message.',
      key: 'Key of the message.',
      payload: 'Value of the message.',
      code: 'Why, from a closed list.',
      reason: 'What was found and what was expected.',
      message_at: 'Timestamp of the message.',
      noted_at: 'Clock time at which it was noted.',
      replayed_at: 'Clock time at which it was tried again; null when never.',
    },
    select: `
SELECT topic, partition, "offset", internal.safe_text(key), internal.safe_text(payload), code, reason, message_at, noted_at, replayed_at
FROM internal.dead_letter`,
  },
  {
    name: 'stream_positions',
    comment: 'How far each partition is committed. Position and results are written in one transaction.',
    columns: {
      topic: 'Topic.',
      partition: 'Partition.',
      next_offset: 'Offset of the next message to be taken.',
      high_watermark: 'One past the newest offset at the broker, as of the newest commit.',
      lag: 'Messages not yet taken, as of the newest commit.',
      watermark: 'Newest event time seen.',
      accepted: 'Messages taken.',
      duplicates: 'Messages that repeated a known one.',
      rejected: 'Messages that became dead letters.',
      epoch: 'How often the partition has changed hands.',
      owner: 'Who holds it.',
      committed_at: 'Clock time of the newest commit.',
    },
    select: `
SELECT topic, partition, next_offset, high_watermark, greatest(high_watermark - next_offset, 0), watermark, accepted, duplicates, rejected,
  epoch, owner, committed_at
FROM internal.stream_lease`,
  },
  {
    name: 'stream_gaps',
    comment: 'Offsets that the broker no longer held when they were due. Normally empty.',
    columns: {
      topic: 'Topic.',
      partition: 'Partition.',
      from_offset: 'First missing offset.',
      to_offset: 'First offset that existed.',
      missing: 'Offsets passed over.',
      reason: 'retention or topic_recreated.',
      recorded_at: 'Clock time at which it was recorded.',
    },
    select: `
SELECT topic, partition, from_offset, to_offset, greatest(to_offset - from_offset, 0), reason, recorded_at FROM internal.stream_gap`,
  },
  {
    name: 'models',
    comment: 'Models that have been recorded.',
    columns: {
      model_id: 'The model.',
      stream: 'reviews or quotes.',
      active: 'Whether it is the one activated last.',
      activated_at: 'Clock time of its newest activation; null when never.',
      card: 'Data, metrics, calibration, seed.',
      manifest: 'Inputs, outputs and state tensors, with file hashes.',
      recorded_at: 'Clock time at which it was recorded.',
    },
    select: `
SELECT m.model_id, m.stream,
  coalesce(m.model_id = (SELECT a.model_id FROM internal.model_activation a WHERE a.stream = m.stream ORDER BY a.activated_at DESC LIMIT 1), false),
  (SELECT max(a.activated_at) FROM internal.model_activation a WHERE a.model_id = m.model_id), m.card, m.manifest, m.recorded_at
FROM internal.model m`,
  },
  {
    name: 'model_activations',
    comment: 'Each change of the serving model and what was done with the hidden states.',
    columns: {
      stream: 'reviews or quotes.',
      model_id: 'Model that was activated.',
      previous_model_id: 'Model before it; null for the first.',
      policy: 'first, cold (states start anew) or rewarm (from stored events).',
      note: 'What else is to be known.',
      activated_at: 'Clock time.',
    },
    select: 'SELECT stream, model_id, previous_model_id, policy, note, activated_at FROM internal.model_activation',
  },
  {
    name: 'feed_silence',
    comment: 'Streams from which nothing has come for longer than allowed: the feed is dead, which is not "no negative reviews".',
    columns: {
      stream: 'reviews or quotes.',
      silent_since: 'Since when nothing has come.',
      flagged_at: 'Clock time at which it was noticed.',
    },
    select: 'SELECT stream, silent_since, flagged_at FROM internal.feed_silence',
  },
];

export class CreatePipelineViews1795430000007 implements MigrationInterface {
  readonly name = 'CreatePipelineViews1795430000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION internal.safe_text(bytes bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN left(convert_from(bytes, 'UTF8'), 8192);
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN left(encode(substring(bytes FROM 1 FOR 8192), 'escape'), 8192);
END $$;
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP FUNCTION internal.safe_text;`);
  }
}
