/** What strangers wrote, as it reaches people by Slack, e-mail and Alertmanager. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SurgeNotice } from '#contracts';
import { alertOf } from './alertmanager.js';
import { emailOf } from './email.js';
import { openChannels } from './open-channels.js';
import { slackBody } from './slack.js';

const HOSTILE = ['<script>alert(1)</script>', '[click](javascript:alert(1)) <https://evil.example|here>', '=HYPERLINK("http://evil.example")', '\u001b[31mred\u001b[0m \u009b2J', '\u202ereversed\u2066', `e${'\u0301'.repeat(10_000)} end`, '<!channel> @everyone', 'first\r\nBcc: all@example.com'];
const UNRULY = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{M}{5}/u;

const noticeOf = (text: string): SurgeNotice => ({
  kind: 'opened', surgeId: `${text.slice(0, 50)}@2026-01-10T08:00:00.000Z`, seq: 1, productId: text.slice(0, 200), productName: text, status: 'opened', channel: 'count', at: '2026-01-10T08:00:00.000Z', openedAt: '2026-01-10T08:00:00.000Z', closedAt: null,
  startedAt: '2026-01-10T06:00:00.000Z', expected: 1, observed: 9, excess: 8, severity: 4, shareBefore: 0.1, shareNow: 0.7, budgetPerDay: 0.01, settingsId: 's', modelId: 'm', muted: false,
  contributors: [{ kind: 'term', value: text, shareNow: 0.8, shareBefore: 0.1 }], events: [],
  evidence: [{ rank: 1, reviewId: 'r1', reviewedAt: '2026-01-10T07:00:00.000Z', pNegative: 0.97, excerpt: text, topWords: [] }],
} as unknown as SurgeNotice);

describe('hostile text in notices', () => {
  for (const text of HOSTILE) {
    it(`stays text: ${JSON.stringify(text).slice(0, 40)}`, () => {
      const notice = noticeOf(text);
      const message = { type: 'surge', id: 'i', notice } as const;
      const link = () => 'https://tidewatch.example/#/';
      const slack = slackBody(message, link) as { text: string; blocks: { text: { type: string; text: string } }[] };
      assert.doesNotMatch(slack.text, /[<>]/, 'the line that Slack reads as markup has none');
      assert.deepEqual(slack.blocks.filter(({ text: { type } }) => type === 'mrkdwn').map((block) => block.text.text), [`<${link()}|Open in Tidewatch>`]);
      const email = emailOf(message, link);
      assert.doesNotMatch(email.subject, /[\r\n]/);
      const alert = alertOf(notice, 60_000, Date.UTC(2026, 0, 10, 9), link());
      for (const told of [slack.text, ...slack.blocks.map((block) => block.text.text), email.subject, email.text, ...Object.values(alert.annotations)]) {
        assert.doesNotMatch(told, UNRULY);
        assert.ok(told.length < 4_000, `${told.length} characters`);
      }
    });
  }

  it('does not break the link to its surge', async () => {
    const sent: string[] = [];
    const { createServer } = await import('node:http');
    const receiver = createServer((request, response) => request.on('data', (chunk: Buffer) => sent.push(chunk.toString())).on('end', () => response.end('ok')));
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    const { port } = receiver.address() as { port: number };
    const [slack] = openChannels({ webhook: null, slack: { url: `http://127.0.0.1:${port}` }, alertmanager: null, email: null, repeatMs: 60_000 }, 'https://tidewatch.example');
    for (const text of HOSTILE) await slack!.send({ type: 'surge', id: 'i', notice: noticeOf(text) }, 0);
    await slack!.close();
    receiver.close();
    for (const [n, body] of sent.entries()) {
      const link = (JSON.parse(body) as { blocks: { text: { text: string } }[] }).blocks.at(-1)!.text.text;
      const [, id] = /^<https:\/\/tidewatch\.example\/#\/surges\/([\w.!~*'()%-]+)\|Open in Tidewatch>$/.exec(link) ?? [];
      assert.equal(decodeURIComponent(id!), noticeOf(HOSTILE[n]!).surgeId);
    }
    assert.equal(sent.length, HOSTILE.length);
  });
});
