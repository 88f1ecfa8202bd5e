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
}

/** @param publicUrl address of the live page, for links, without a slash at its end */
export function openChannels({ webhook, slack, alertmanager, email, repeatMs }: ChannelTargets, publicUrl: string): NotificationChannel[] {
  // a group has no card of its own: the first view shows it
  const linkOf = ({ surgeId, group }: SurgeNotice): string => `${publicUrl}/#/${group === undefined ? `surges/${encodeURIComponent(wellFormed(surgeId))}` : ''}`;
  return [
    ...(webhook === null ? [] : [webhookChannel(webhook.url, webhook.secret)]),
    ...(slack === null ? [] : [slackChannel(slack.url, linkOf)]),
    ...(alertmanager === null ? [] : [alertmanagerChannel(alertmanager.url, repeatMs, linkOf)]),
    ...(email === null ? [] : [emailChannel(email, linkOf)]),
  ];
}
