/**
 * The documented webhook: one JSON document a message, { id, type, sentAt, data }, signed as Standard Webhooks 1.0.0 describes
 * (webhook-id, webhook-timestamp, webhook-signature: "v1," and base64 of HMAC-SHA256 over "id.timestamp.body"), so that its
 * ready-made libraries verify it. webhook-id is the idempotency key: a repeat carries the same.
 */
import { createHmac } from 'node:crypto';
import type { ChannelMessage, NotificationChannel } from '#contracts';
import { post } from './post.js';
import { wellFormed } from './words.js';

export function webhookChannel(url: string, secret: string | null): NotificationChannel {
  return {
    kind: 'webhook',
    repeat: null,
    async send(message, now) {
      const body = JSON.stringify(webhookBody(message, now));
      const timestamp = String(Math.floor(now / 1000));
      const id = headerSafe(message.id);
      const signature: Record<string, string> = secret === null ? {} : { 'webhook-signature': signatureOf(secret, id, timestamp, body) };
      return post(url, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'idempotency-key': id, ...signature }, body);
    },
    close: async () => undefined,
  };
}

export function webhookBody(message: ChannelMessage, now: number): object {
  const head = { id: message.id, sentAt: new Date(now).toISOString() };
  if (message.type === 'surge') return { ...head, type: `surge.${message.notice.kind}`, data: message.notice };
  if (message.type === 'digest') return { ...head, type: 'surge.digest', data: { because: message.because, notices: message.notices } };
  return { ...head, type: 'test', data: {} };
}

/** @param secret any text, or "whsec_" and base64, as Standard Webhooks write it */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** Product ids may hold anything; a header may not. Percent-encoding is reversible, so different ids stay different; a long one keeps its tail, where time and seq are. */
export function headerSafe(id: string): string {
  const safe = encodeURIComponent(wellFormed(id));
  return safe.length <= 500 ? safe : `${createHmac('sha256', 'id').update(id).digest('hex')}-${safe.slice(-200)}`;
}
