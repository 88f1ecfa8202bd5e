/**
 * Models that an operator asked for, and the offset of each partition from which on each of them scores it. A row of model_switch
 * is written in the transaction that moves the position over it, or ahead of it as a plan (a replay).
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const ACTIVATIONS = 'SELECT stream, model_id, previous_model_id, policy, note, activated_at FROM internal.model_activation';
const MODELS = (activations: string) => `
SELECT m.model_id, m.stream,
  coalesce(m.model_id = (SELECT a.model_id FROM ${activations} a WHERE a.stream = m.stream ORDER BY a.activated_at DESC LIMIT 1), false) AS active,
  (SELECT max(a.activated_at) FROM ${activations} a WHERE a.model_id = m.model_id) AS activated_at, m.card, m.manifest, m.recorded_at
FROM internal.model m`;

export class ModelSwitches1795660000001 implements MigrationInterface {
  readonly name = 'ModelSwitches1795660000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.model_request (
  stream text NOT NULL CHECK (stream IN ('reviews', 'quotes')),
  request_id int NOT NULL CHECK (request_id > 0),
  model_id text NOT NULL REFERENCES internal.model,
  folder text NOT NULL,
  policy text NOT NULL CHECK (policy IN ('cold', 'rewarm')),
  rewarm_events int CHECK (rewarm_events > 0),
  failure text,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stream, request_id),
  CHECK ((policy = 'rewarm') = (rewarm_events IS NOT NULL))
);
CREATE TABLE internal.model_switch (
  stream text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  from_offset bigint NOT NULL CHECK (from_offset >= 0),
  request_id int NOT NULL,
  model_id text NOT NULL REFERENCES internal.model,
  policy text NOT NULL CHECK (policy IN ('cold', 'rewarm')),
  rewarm_events int,
  switched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, from_offset),
  FOREIGN KEY (stream, request_id) REFERENCES internal.model_request
);
${extendView('model_activations', {
    topic: 'Topic of the partition that changed; null for a model that serves by setting.',
    partition: 'Partition that changed.',
    from_offset: 'First offset that the model scored.',
    rewarm_events: 'Stored events of a product that its state was made of anew, at most; null unless policy is rewarm.',
  }, `
SELECT stream, model_id, previous_model_id, policy, note, activated_at, NULL::text AS topic, NULL::int AS partition, NULL::bigint AS from_offset, NULL::int AS rewarm_events
FROM internal.model_activation
UNION ALL
SELECT s.stream, s.model_id,
  coalesce(lag(s.model_id) OVER (PARTITION BY s.topic, s.partition ORDER BY s.from_offset),
    (SELECT a.model_id FROM internal.model_activation a WHERE a.stream = s.stream ORDER BY a.activated_at DESC LIMIT 1)),
  s.policy, NULL, s.switched_at, s.topic, s.partition, s.from_offset, s.rewarm_events
FROM internal.model_switch s JOIN internal.stream_lease l USING (topic, partition) WHERE l.next_offset > s.from_offset`)}
CREATE OR REPLACE VIEW tidewatch.models AS ${MODELS('tidewatch.model_activations')};`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE OR REPLACE VIEW tidewatch.models AS ${MODELS('internal.model_activation')};
DROP VIEW tidewatch.model_activations;
CREATE VIEW tidewatch.model_activations AS ${ACTIVATIONS};
DROP TABLE internal.model_switch, internal.model_request;`);
  }
}
