/** Where notifications go, and how eagerly: NOTIFY_* variables, checked, as the types that notify-http and plan-notifications take. */
import { z } from 'zod';
import { TidewatchError, type ChannelKind } from '#contracts';

export interface NotifySettings {
  readonly webhook: { readonly url: string; readonly secret: string | null } | null;
  readonly slack: { readonly url: string } | null;
  readonly alertmanager: { readonly url: string } | null;
  readonly email: { readonly url: string; readonly from: string; readonly to: readonly string[] } | null;
  /** '22:00-07:00', or null; hours on the wall clock of `timeZone`. Alertmanager has silences of its own and is exempt from both. */
  readonly quietHours: string | null;
  readonly timeZone: string;
  readonly rate: { readonly count: number; readonly perMs: number };
  /** A channel that could deliver nothing for this long is shown as failing. */
  readonly failingSeconds: number;
  readonly repeatMs: number;
}

const PERIODS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
export const http = z.string().regex(/^https?:\/\/\S+$/).refine((text) => URL.canParse(text));
const seconds = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
const address = /^[^\s@,<>]+@[^\s@,<>]+$/;

export const notifySchema = {
  NOTIFY_WEBHOOK_URL: http.optional(),
  NOTIFY_WEBHOOK_SECRET: z.string().min(16).optional(),
  NOTIFY_SLACK_URL: http.optional(),
  NOTIFY_ALERTMANAGER_URL: http.optional(),
  NOTIFY_SMTP_URL: z.string().regex(/^smtps?:\/\/\S+$/).refine((text) => URL.canParse(text)).optional(),
  NOTIFY_EMAIL_FROM: z.string().regex(/^[^\r\n]*[^\s@,<>]+@[^\s@,<>]+>?$/).optional(),
  NOTIFY_EMAIL_TO: z.string().refine((text) => text.split(',').every((each) => address.test(each.trim()))).optional(),
  NOTIFY_QUIET_HOURS: z.string().regex(/^\s*([01]?\d|2[0-3]):[0-5]\d\s*-\s*(([01]?\d|2[0-3]):[0-5]\d|24:00)\s*$/).optional(),
  NOTIFY_TIME_ZONE: z.string().refine(isZone).default('UTC'),
  NOTIFY_RATE_LIMIT: z.string().regex(/^\s*[1-9]\d{0,5}\s*\/\s*(minute|hour|day)\s*$/).default('20/hour'),
  NOTIFY_FAILING_SECONDS: seconds(10, 86_400).default(300),
  NOTIFY_REPEAT_SECONDS: seconds(5, 3_600).default(60),
  NOTIFY_PAGE_URL: z.undefined().optional(),
};

export const notifyExpected: Readonly<Record<string, string>> = {
  NOTIFY_WEBHOOK_URL: 'an address that begins with http:// or https://',
  NOTIFY_WEBHOOK_SECRET: 'at least 16 characters',
  NOTIFY_SLACK_URL: 'an address that begins with http:// or https://',
  NOTIFY_ALERTMANAGER_URL: 'the address of an Alertmanager, such as http://localhost:9093',
  NOTIFY_SMTP_URL: 'smtp://user:password@host:587 or smtps://user:password@host:465',
  NOTIFY_EMAIL_FROM: 'an address such as alerts@example.com or Tidewatch <alerts@example.com>',
  NOTIFY_EMAIL_TO: 'addresses separated by commas',
  NOTIFY_QUIET_HOURS: 'a span of hours such as 22:00-07:00',
  NOTIFY_TIME_ZONE: 'a time zone such as Europe/Berlin',
  NOTIFY_RATE_LIMIT: 'a number and minute, hour or day, such as 20/hour',
  NOTIFY_PAGE_URL: 'no such variable: it is called PUBLIC_URL now, and holds for every link',
};

type NotifyValues = z.infer<z.ZodObject<typeof notifySchema>>;

/** @throws SETTING_INVALID when one half of a pair is missing */
export function notifySettings(values: NotifyValues): NotifySettings {
  const email = values.NOTIFY_SMTP_URL === undefined && values.NOTIFY_EMAIL_TO === undefined ? null : requireEmail(values);
  if (values.NOTIFY_WEBHOOK_SECRET !== undefined && values.NOTIFY_WEBHOOK_URL === undefined) throw refusal('NOTIFY_WEBHOOK_SECRET is set without NOTIFY_WEBHOOK_URL: expected the address beside it.');
  const [count, period] = values.NOTIFY_RATE_LIMIT.split('/').map((part) => part.trim()) as [string, string];
  const [from, to] = (values.NOTIFY_QUIET_HOURS ?? '').split('-').map((part) => part.trim());
  if (from !== undefined && from !== '' && from === to) throw refusal('NOTIFY_QUIET_HOURS begins and ends at the same time: expected two different times, such as 22:00-07:00.');
  return {
    webhook: values.NOTIFY_WEBHOOK_URL === undefined ? null : { url: values.NOTIFY_WEBHOOK_URL, secret: values.NOTIFY_WEBHOOK_SECRET ?? null },
    slack: values.NOTIFY_SLACK_URL === undefined ? null : { url: values.NOTIFY_SLACK_URL },
    alertmanager: values.NOTIFY_ALERTMANAGER_URL === undefined ? null : { url: values.NOTIFY_ALERTMANAGER_URL },
    email,
    quietHours: values.NOTIFY_QUIET_HOURS ?? null,
    timeZone: values.NOTIFY_TIME_ZONE,
    rate: { count: Number(count), perMs: PERIODS[period]! },
    failingSeconds: values.NOTIFY_FAILING_SECONDS,
    repeatMs: values.NOTIFY_REPEAT_SECONDS * 1000,
  };
}

function requireEmail({ NOTIFY_SMTP_URL: url, NOTIFY_EMAIL_FROM: from, NOTIFY_EMAIL_TO: to }: NotifyValues): NotifySettings['email'] {
  if (url === undefined || from === undefined || to === undefined) throw refusal('E-mail needs NOTIFY_SMTP_URL, NOTIFY_EMAIL_FROM and NOTIFY_EMAIL_TO: expected all three, or none.');
  return { url, from, to: to.split(',').map((each) => each.trim()) };
}

/** The variable that configures a channel: what a verdict points at. */
export const CHANNEL_VARIABLE: Readonly<Record<ChannelKind, string>> = { webhook: 'NOTIFY_WEBHOOK_URL', slack: 'NOTIFY_SLACK_URL', alertmanager: 'NOTIFY_ALERTMANAGER_URL', email: 'NOTIFY_SMTP_URL' };

const refusal = (message: string): TidewatchError => new TidewatchError('SETTING_INVALID', message);

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
