/**
 * What people are told of surges. internal.notification holds one row per transition worth telling, made from the outbox row of the
 * surge's own transaction; internal.notification_delivery what became of it on each channel. Transitions of before are not told.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'notifications',
    comment: 'What was told of surges on each channel, and what waits to be.',
    columns: {
      notice_id: 'Surge and transition: the idempotency key of the message.',
      channel: 'webhook, slack, alertmanager or email; null when no channel was configured.',
      surge_id: 'The surge.',
      seq: 'The transition.',
      kind: 'opened, worsened (severity two steps higher) or closed.',
      severity: '1 to 10.',
      state: 'waiting, held (its time has not come), or delivered.',
      held_because: 'quiet hours or rate limit; null when it was not held back.',
      digest_id: 'The digest it was delivered in; null when alone.',
      attempts: 'Attempts that failed.',
      last_error: 'What the receiver answered to the newest of them.',
      noted_at: 'Clock time at which it was noted.',
      delivered_at: 'Clock time at which the receiver took it.',
    },
    select: `
SELECT n.notice_id, d.channel, n.surge_id, n.seq, n.kind, n.severity,
  CASE WHEN d.delivered_at IS NOT NULL THEN 'delivered' WHEN d.held_because IS NOT NULL THEN 'held' WHEN d.channel IS NOT NULL THEN 'waiting' END,
  d.held_because, d.digest_id, d.attempts, d.last_error, n.noted_at, d.delivered_at
FROM internal.notification n LEFT JOIN internal.notification_delivery d USING (notice_id)`,
  },
  {
    name: 'notification_channels',
    comment: 'Channels that are configured, and whether they work.',
    columns: {
      channel: 'webhook, slack, alertmanager or email.',
      failing: 'Whether it has been unable to deliver for longer than allowed.',
      failing_since: 'Clock time of the first failure in the present row; null when the newest attempt went well.',
      failures: 'Failures in a row.',
      last_error: 'What was answered to the newest failure.',
      waiting: 'Notices not delivered, held ones included.',
      held: 'Of them, those held back by quiet hours or the rate limit.',
      last_delivered_at: 'Clock time of the newest delivery; null when there was none.',
    },
    select: `
SELECT c.channel,
  coalesce(c.failing_since < clock_timestamp() - make_interval(secs => c.failing_seconds), false)
    OR coalesce(w.oldest < clock_timestamp() - make_interval(secs => c.failing_seconds), false),
  c.failing_since, c.failures, c.last_error, coalesce(w.waiting, 0), coalesce(w.held, 0), c.last_delivered_at
FROM internal.notification_channel c
LEFT JOIN LATERAL (
  SELECT count(*) AS waiting, count(*) FILTER (WHERE held_because IS NOT NULL) AS held, min(planned_at) FILTER (WHERE held_because IS NULL) AS oldest
  FROM internal.notification_delivery d WHERE d.channel = c.channel AND d.delivered_at IS NULL
) w ON true
WHERE c.configured`,
  },
];

export class Notifications1795520000001 implements MigrationInterface {
  readonly name = 'Notifications1795520000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.outbox ADD COLUMN planned_at timestamptz;
UPDATE internal.outbox SET planned_at = clock_timestamp();
CREATE INDEX outbox_unplanned ON internal.outbox (created_at, outbox_id) WHERE planned_at IS NULL;

CREATE TABLE internal.notification (
  notice_id text PRIMARY KEY,
  surge_id text NOT NULL,
  seq int NOT NULL,
  kind text NOT NULL CHECK (kind IN ('opened', 'worsened', 'closed')),
  severity float8 NOT NULL,
  notice jsonb NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (surge_id, seq)
);

CREATE TABLE internal.notification_channel (
  channel text PRIMARY KEY,
  configured boolean NOT NULL,
  failing_seconds int NOT NULL,
  failing_since timestamptz,
  failures int NOT NULL DEFAULT 0,
  not_before timestamptz,
  last_error text,
  last_delivered_at timestamptz,
  repeated_at timestamptz
);

CREATE TABLE internal.notification_delivery (
  channel text NOT NULL,
  notice_id text NOT NULL REFERENCES internal.notification,
  held_because text,
  digest_id text,
  attempts int NOT NULL DEFAULT 0,
  not_before timestamptz,
  last_error text,
  planned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  delivered_at timestamptz,
  PRIMARY KEY (channel, notice_id)
);
CREATE INDEX notification_delivery_waiting ON internal.notification_delivery (channel, planned_at) WHERE delivered_at IS NULL;
CREATE INDEX notification_delivery_newest ON internal.notification_delivery (channel, delivered_at);
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP TABLE internal.notification_delivery, internal.notification_channel, internal.notification;
DROP INDEX internal.outbox_unplanned;
ALTER TABLE internal.outbox DROP COLUMN planned_at;`);
  }
}
