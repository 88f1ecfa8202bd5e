/**
 * Alertmanager's v2 API (POST /api/v2/alerts). It is told states, not events: an alert is known by its labels, which never change
 * while a surge lives; what changes stands in the annotations. An open alert is repeated with an end a few repeats ahead, as Prometheus
 * does; a closed one is sent with its end reached. Grouping, silences and quiet hours are Alertmanager's own business.
 */
import { createHash } from 'node:crypto';
import type { ChannelMessage, NotificationChannel, SendOutcome, SurgeNotice } from '#contracts';
import { post } from './post.js';
import { brigading, figures, headline, known, nameOf, quotes, standsOut, TEST_LINE, wellFormed, widened } from './words.js';

/** An alert that is not repeated ends by itself after so many repeats. */
const REPEATS_MISSED = 4;
const LEAST_LIFE_MS = 5 * 60_000;
const LONGEST_LABEL = 200;

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export function alertmanagerChannel(url: string, repeatMs: number, linkOf: (notice: SurgeNotice) => string): NotificationChannel {
  const address = new URL('api/v2/alerts', url.endsWith('/') ? url : `${url}/`).href;
  const sendAll = (alerts: readonly PostedAlert[]): Promise<SendOutcome> => (alerts.length === 0 ? Promise.resolve({ kind: 'delivered' }) : post(address, {}, JSON.stringify(alerts)));
  return {
    kind: 'alertmanager',
    send: (message, now) => sendAll(alertsOf(message, repeatMs, now, linkOf)),
    repeat: (open, now) => sendAll(open.map((notice) => alertOf(notice, repeatMs, now, linkOf(notice)))),
    close: async () => undefined,
  };
}

function alertsOf(message: ChannelMessage, repeatMs: number, now: number, linkOf: (notice: SurgeNotice) => string): PostedAlert[] {
  if (message.type === 'surge') return [alertOf(message.notice, repeatMs, now, linkOf(message.notice))];
  if (message.type === 'test') return [{ labels: { alertname: 'TidewatchTest' }, annotations: { summary: TEST_LINE }, startsAt: iso(now - 1000), endsAt: iso(now + 60_000) }];
  const newest = new Map(message.notices.map((notice) => [notice.surgeId, notice]));
  return [...newest.values()].map((notice) => alertOf(notice, repeatMs, now, linkOf(notice)));
}

export function alertOf(notice: SurgeNotice, repeatMs: number, now: number, link: string): PostedAlert {
  // Event time may run ahead of the clock (a simulated feed), which Alertmanager would take for an alert to come
  const starts = Math.min(Date.parse(notice.openedAt), now - 1000);
  const out = standsOut(notice);
  return {
    // The worst product of a group changes while its surge lives: no label of an alert that began as the group's may say it
    labels: notice.group?.groupSurgeId !== notice.surgeId ? { alertname: 'TidewatchSurge', product_id: labelOf(notice.productId), surge_id: labelOf(notice.surgeId), raised_by: notice.channel } : { alertname: 'TidewatchGroupSurge', group_name: labelOf(notice.group.name), surge_id: labelOf(notice.surgeId) },
    annotations: {
      summary: headline(notice), description: figures(notice), severity: String(notice.severity), status: notice.status, product_name: nameOf(notice),
      ...(out === '' ? {} : { contributors: out }),
      ...(widened(notice) === '' ? {} : { products: widened(notice) }),
      ...(brigading(notice) === '' ? {} : { possible_brigading: brigading(notice) }),
      ...(known(notice) === '' ? {} : { known_events: known(notice) }),
      ...Object.fromEntries(quotes(notice).map((quote, i) => [`evidence_${i + 1}`, quote])),
    },
    startsAt: iso(starts),
    endsAt: iso(notice.kind === 'closed' ? Math.max(starts, Math.min(Date.parse(notice.closedAt ?? notice.at), now - 500)) : now + Math.max(LEAST_LIFE_MS, REPEATS_MISSED * repeatMs)),
    generatorURL: link,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A label names an alert: a long value keeps its beginning and a digest of the whole, so that two never become one. */
function labelOf(value: string): string {
  const whole = wellFormed(value);
  return whole.length <= LONGEST_LABEL ? whole : `${wellFormed(whole.slice(0, LONGEST_LABEL - 20))}…${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}
