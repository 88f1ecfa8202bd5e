/**
 * Slack-compatible incoming webhook (Mattermost and others take the same): text for notifications, blocks for the channel. Names and excerpts are strangers' texts:
 * plain_text where a block allows it, escaped in the one line that Slack always reads as markup; so nothing in them becomes a link or calls anybody.
 */
import type { ChannelMessage, NotificationChannel, SurgeNotice } from '#contracts';
import { post } from './post.js';
import { brigading, digestHeadline, figures, headline, known, quotes, standsOut, TEST_LINE, widened } from './words.js';

/** Slack takes at most 3,000 characters a text and 50 blocks a message. */
const LONGEST_TEXT = 2_900;
const DIGEST_LINES = 40;

export function slackChannel(url: string, linkOf: (notice: SurgeNotice) => string): NotificationChannel {
  return {
    kind: 'slack',
    repeat: null,
    send: (message) => post(url, {}, JSON.stringify(slackBody(message, linkOf))),
    close: async () => undefined,
  };
}

/** &, < and > are all that Slack asks to escape; without them no mention, no link and no channel call can be smuggled in. */
const escaped = (text: string): string => text.replace(/[&<>]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : '&gt;'));
const cut = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
const section = (text: string): object => ({ type: 'section', text: { type: 'plain_text', text: cut(text), emoji: false } });
const title = (text: string): object => ({ type: 'header', text: { type: 'plain_text', text: text.slice(0, 150), emoji: false } });

export function slackBody(message: ChannelMessage, linkOf: (notice: SurgeNotice) => string): { text: string; blocks: object[] } {
  if (message.type === 'test') return { text: TEST_LINE, blocks: [section(TEST_LINE)] };
  if (message.type === 'digest') {
    const lines = message.notices.slice(0, DIGEST_LINES).map((notice) => `• ${headline(notice)}`);
    const more = message.notices.length - lines.length;
    const text = digestHeadline(message);
    return { text: escaped(text), blocks: [title(text), ...chunks([...lines, ...(more > 0 ? [`and ${more} more`] : [])])] };
  }
  const { notice } = message;
  const out = standsOut(notice);
  const link = linkOf(notice);
  return {
    text: escaped(headline(notice)),
    blocks: [
      title(headline(notice)),
      section(figures(notice)),
      ...(out === '' ? [] : [section(`What they have in common: ${out}`)]),
      ...(widened(notice) === '' ? [] : [section(widened(notice))]),
      ...(brigading(notice) === '' ? [] : [section(brigading(notice))]),
      ...(known(notice) === '' ? [] : [section(`Known at the time: ${known(notice)}`)]),
      ...(notice.kind === 'closed' ? [] : quotes(notice).map((quote) => section(`“${quote}”`))),
      { type: 'section', text: { type: 'mrkdwn', text: `<${link}|Open in Tidewatch>` } },
    ],
  };
}

function chunks(lines: readonly string[]): object[] {
  const out: string[] = [''];
  for (const line of lines) {
    if (out.at(-1)!.length + line.length > LONGEST_TEXT) out.push('');
    out[out.length - 1] += `${line}\n`;
  }
  return out.filter((text) => text !== '').map(section);
}
