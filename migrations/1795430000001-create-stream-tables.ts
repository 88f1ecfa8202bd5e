/**
 * Positions, hidden state, models and everything else that is not review or quote data. All tables are
 * internal; what others may rely on are the views of schema tidewatch.
 *
 * A column named *_at with a clock default is the only place where the clock enters: two runs over the same
 * messages differ in those columns alone (leases aside). No sequences, for the same reason.
 *
 * entity_state: a row is rewritten once per batch. Values stay inline and uncompressed up to a page
 * (STORAGE EXTERNAL, toast_tuple_target 8160): a TOAST chunk costs a second table and index per update,
 * and float bytes do not compress. version counts the events that advanced a state and the changes that time alone
 * caused; amendments counts the latter.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateStreamTables1795430000001 implements MigrationInterface {
  readonly name = 'CreateStreamTables1795430000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.stream_lease (
  topic text NOT NULL,
  partition int NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  epoch bigint NOT NULL DEFAULT 0,
  owner text,
  watermark timestamptz,
  high_watermark bigint NOT NULL DEFAULT 0,
  accepted bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  leased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  committed_at timestamptz,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE internal.stream_gap (
  topic text NOT NULL,
  partition int NOT NULL,
  from_offset bigint NOT NULL,
  to_offset bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('retention', 'topic_recreated')),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, from_offset, to_offset)
);

CREATE TABLE internal.entity_state (
  stream text NOT NULL CHECK (stream IN ('reviews', 'quotes')),
  entity text NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  model_id text NOT NULL,
  snapshot_id bigint NOT NULL,
  label text,
  last_event_at timestamptz,
  format int NOT NULL,
  hidden bytea NOT NULL,
  tracker bytea NOT NULL,
  checksum bigint NOT NULL,
  summary jsonb NOT NULL,
  amendments bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stream, entity)
) WITH (fillfactor = 70, toast_tuple_target = 8160, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.2,
        autovacuum_vacuum_cost_delay = 0);
ALTER TABLE internal.entity_state ALTER hidden SET STORAGE EXTERNAL, ALTER tracker SET STORAGE EXTERNAL;

CREATE TABLE internal.snapshot (
  stream text NOT NULL CHECK (stream IN ('reviews', 'quotes')),
  snapshot_id bigint NOT NULL,
  body jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stream, snapshot_id)
);
-- '{}' stands for the default prior of the code, so that a worker can start on an empty database.
INSERT INTO internal.snapshot (stream, snapshot_id, body) VALUES ('reviews', 0, '{}'), ('quotes', 0, '{}');

CREATE TABLE internal.model (
  model_id text PRIMARY KEY,
  stream text NOT NULL CHECK (stream IN ('reviews', 'quotes')),
  manifest jsonb NOT NULL,
  card jsonb NOT NULL DEFAULT '{}',
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE internal.model_activation (
  stream text NOT NULL,
  model_id text NOT NULL REFERENCES internal.model,
  previous_model_id text,
  policy text NOT NULL CHECK (policy IN ('first', 'cold', 'rewarm')),
  note text,
  activated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stream, activated_at)
);

CREATE TABLE internal.outbox (
  outbox_id text PRIMARY KEY,
  topic text NOT NULL,
  message_key text NOT NULL,
  payload jsonb NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  delivered_at timestamptz
) WITH (autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX outbox_waiting ON internal.outbox (created_at, outbox_id) WHERE delivered_at IS NULL;

CREATE TABLE internal.dead_letter (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  key bytea,
  payload bytea,
  code text NOT NULL,
  reason text NOT NULL,
  message_at timestamptz NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  replayed_at timestamptz,
  PRIMARY KEY (topic, partition, "offset")
);
CREATE INDEX dead_letter_noted ON internal.dead_letter (noted_at);

CREATE TABLE internal.feed_silence (
  stream text PRIMARY KEY CHECK (stream IN ('reviews', 'quotes')),
  silent_since timestamptz NOT NULL,
  flagged_at timestamptz NOT NULL DEFAULT clock_timestamp()
);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP TABLE internal.feed_silence, internal.dead_letter, internal.outbox, internal.model_activation, internal.model,
  internal.snapshot, internal.entity_state, internal.stream_gap, internal.stream_lease;`);
  }
}
