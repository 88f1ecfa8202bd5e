/**
 * E-mail by SMTP through nodemailer, plain text. All messages of a surge are one thread (References), and a repeat has the same Message-ID,
 * by which mail systems recognise it. A 5xx answer to the message refuses it; everything else, wrong credentials too, is the channel's.
 */
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { ChannelMessage, NotificationChannel, SendOutcome, SurgeNotice } from '#contracts';
import { brigading, budgetOf, digestHeadline, figures, headline, known, line, quotes, standsOut, TEST_LINE, widened } from './words.js';

export interface EmailTarget {
  /** smtp://user:password@host:587 (STARTTLS where offered) or smtps://host:465. */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

const PATIENCE_MS = 10_000;

export function emailChannel({ url, from, to }: EmailTarget, linkOf: (notice: SurgeNotice) => string): NotificationChannel {
  const transport = createTransport({ url, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS, disableFileAccess: true, disableUrlAccess: true });
  return {
    kind: 'email',
    repeat: null,
    async send(message): Promise<SendOutcome> {
      try {
        await transport.sendMail({ from, to: [...to], ...emailOf(message, linkOf) });
        return { kind: 'delivered' };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: async () => transport.close(),
  };
}

function outcomeOf(error: unknown): SendOutcome {
  const { code, responseCode, response, message } = error as { code?: string; responseCode?: number; response?: string; message?: string };
  const reason = line(response ?? `${code ?? ''} ${message ?? ''}`, 200);
  const ofTheMessage = (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== undefined && responseCode >= 500;
  return ofTheMessage ? { kind: 'refused', reason } : { kind: 'away', reason, retryAfterMs: null };
}

export function emailOf(message: ChannelMessage, linkOf: (notice: SurgeNotice) => string): { subject: string; text: string; messageId: string; references?: string } {
  const messageId = idOf(message.id);
  if (message.type === 'test') return { subject: 'Tidewatch: test', text: `${TEST_LINE}\n`, messageId };
  if (message.type === 'digest') {
    const subject = digestHeadline(message);
    return { subject: `Tidewatch: ${subject}`, text: `${subject}\n\n${message.notices.map((notice) => `${headline(notice)}\n${figures(notice)}\n`).join('\n')}`, messageId };
  }
  const { notice } = message;
  const out = standsOut(notice);
  const link = linkOf(notice);
  const parts = [
    figures(notice),
    out === '' ? null : `What they have in common: ${out}.`,
    widened(notice),
    brigading(notice),
    known(notice) === '' ? null : `Known at the time: ${known(notice)}.`,
    notice.kind === 'closed' ? null : quotes(notice).map((quote) => `> ${quote}`).join('\n\n'),
    link,
    `Surge ${line(notice.surgeId, 300)}, transition ${notice.seq}. ${budgetOf(notice)}.`,
  ];
  return { subject: headline(notice), text: `${parts.filter((part) => part !== null && part !== '').join('\n\n')}\n`, messageId, references: idOf(`${notice.surgeId}#thread`) };
}

const idOf = (id: string): string => `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@tidewatch>`;
