/** notify-http: webhook, Slack, Alertmanager and e-mail behind the NotificationChannel port. I/O. */
export { openChannels, type ChannelTargets } from './open-channels.js';
export { signatureOf } from './webhook.js';
