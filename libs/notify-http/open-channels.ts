/** The configured channels, in a fixed order. */
import type { NotificationChannel, SurgeNotice } from '#contracts';
import { alertmanagerChannel } from './alertmanager.js';
import { emailChannel, type EmailTarget } from './email.js';
import { slackChannel } from './slack.js';
import { webhookChannel } from './webhook.js';
import { wellFormed } from './words.js';

export interface ChannelTargets {
  readonly webhook: { readonly url: string; readonly secret: string | null } | null;
  readonly slack: { readonly url: string } | null;
  readonly alertmanager: { readonly url: string } | null;
  readonly email: EmailTarget | null;
  readonly repeatMs: number;
  /** Address of the live page, for links; null leaves them out. */
  readonly pageUrl: string | null;
}

export function openChannels({ webhook, slack, alertmanager, email, repeatMs, pageUrl }: ChannelTargets): NotificationChannel[] {
  const linkOf = ({ productId, group }: SurgeNotice): string | null => (pageUrl === null ? null : `${pageUrl.replace(/\/$/, '')}/#/${group === undefined ? `products/${encodeURIComponent(wellFormed(productId))}` : ''}`);
  return [
    ...(webhook === null ? [] : [webhookChannel(webhook.url, webhook.secret)]),
    ...(slack === null ? [] : [slackChannel(slack.url, linkOf)]),
    ...(alertmanager === null ? [] : [alertmanagerChannel(alertmanager.url, repeatMs, linkOf)]),
    ...(email === null ? [] : [emailChannel(email, linkOf)]),
  ];
}
