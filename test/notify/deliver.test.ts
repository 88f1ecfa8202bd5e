/** From the outbox to real receivers: HTTP with every kind of answer, and an SMTP server. Restarts are new NotifyParts over the same database. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Pool } from 'pg';
import { SMTPServer } from 'smtp-server';
import type { NotificationChannel, StreamProducer, SurgeNotice } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { Calendar, summarizeSurge, surgeSettings } from '#detect-surge';
import { loadSettings } from '#load-config';
import { openChannels, signatureOf } from '#notify-http';
import { storeState } from '#score-with-state';
import { sampleBatch, useTestDatabase } from '#testkit';
import { deliverTo, planNotices, recordChannels, type NotifyParts } from '../../apps/scheduler/notify.js';
import { closeQuietSurges } from '../../apps/scheduler/chores.js';
import { reviewTrackerCodec } from '../../apps/review-worker/review-tracker.js';
import { surging } from '../postgres/support/surging.js';
import { Receiver } from './support/receiver.js';
import { commitSurges, explained, transition, lexicon } from './support/surges.js';

interface Document { readonly id: string; readonly type: string; readonly data: SurgeNotice & { readonly notices?: SurgeNotice[] } }
const SECRET = 'a secret of sixteen and more';

describe('notifications', () => {
  const database = useTestDatabase();
  const hook = new Receiver();
  const slack = new Receiver();
  let pool: Pool;
  before(async () => {
    await Promise.all([hook.start(), slack.start()]);
    pool = new Pool({ connectionString: database.url, max: 6 });
    database.closeAtEnd({ close: () => pool.end() });
  });
  after(() => Promise.all([hook.stop(), slack.stop()]));

  function partsOf(environment: Record<string, string>): NotifyParts {
    const { notify } = loadSettings(environment);
    return { pool, channels: openChannels(notify, 'https://tidewatch.example'), notify, explainMs: 0, lexicon, say: () => undefined, chance: () => 0 };
  }
  const both = () => partsOf({ NOTIFY_WEBHOOK_URL: `${hook.url}/hook`, NOTIFY_WEBHOOK_SECRET: SECRET, NOTIFY_SLACK_URL: `${slack.url}/slack` });
  /** Plans and gives every channel a turn at `now`. */
  async function turn(parts: NotifyParts, now: number): Promise<void> {
    await planNotices(parts);
    for (const channel of parts.channels) await deliverTo(parts, channel, () => now);
  }
  const channelOf = (parts: NotifyParts, kind: string): NotificationChannel => parts.channels.find((each) => each.kind === kind)!;
  const commit = (...surges: ReturnType<typeof transition>[]) => commitSurges(database.url, pool, surges);
  const start = Date.now();

  it('tell opened, worsened by two and closed, each once, whole and signed', async () => {
    const parts = both();
    await recordChannels(parts);
    await commit(transition('kettle', 1, 'opened', 3));
    await explained(pool, transition('kettle', 1, 'opened', 3).surgeId, 1);
    await turn(parts, start);
    await commit(transition('kettle', 2, 'worsening', 4), transition('kettle', 3, 'worsening', 5));
    await commit(transition('kettle', 4, 'easing', 5), transition('kettle', 5, 'closed', 5));
    await turn(parts, start + 1);
    await turn(both(), start + 2);
    const documents = hook.taken<Document>();
    assert.deepEqual(documents.map(({ type, data }) => [type, data.seq, data.severity]), [['surge.opened', 1, 3], ['surge.worsened', 3, 5], ['surge.closed', 5, 5]]);
    assert.equal(documents[0]!.data.evidence[0]?.reviewId, 'r1');
    const { headers, text } = hook.received[0]!;
    assert.equal(headers['webhook-signature'], signatureOf(SECRET, headers['webhook-id'] as string, headers['webhook-timestamp'] as string, text));
    assert.equal(headers['idempotency-key'], encodeURIComponent(documents[0]!.id));
    const told = slack.taken<{ text: string; blocks: { text: { text: string; type: string } }[] }>();
    assert.deepEqual(told.map(({ text: line }) => line), ['Surge of negative reviews: kettle, severity 3 of 10', 'Surge is worse: kettle, severity 5 of 10', 'Surge is over: kettle, severity 5 of 10']);
    assert.ok(told[0]!.blocks.some(({ text: { text, type } }) => text === '“The lid <b>leaks</b> & <!channel> burns”' && type === 'plain_text'), 'a stranger\'s text calls nobody');
    assert.ok(told.every(({ blocks }) => blocks.at(-1)!.text.text === `<https://tidewatch.example/#/surges/${encodeURIComponent(transition('kettle', 1, 'opened', 3).surgeId)}|Open in Tidewatch>`), 'each leads to its surge');
  });

  it('tell of a surge that an event muted once, when the event is over and it is still open', async () => {
    const parts = partsOf({ NOTIFY_WEBHOOK_URL: `${hook.url}/hook`, NOTIFY_WEBHOOK_SECRET: SECRET });
    const before = hook.taken().length;
    const at = surging('pan').state.lastEventAt!;
    const muting = new Calendar(7, [{ eventId: 'sale', name: 'Sale', kind: 'sale', from: at - 3_600_000, until: at + 3_600_000, products: null, factor: null, mute: true }]);
    const { state, records } = surging('pan', muting);
    const store = createPostgresStore({ databaseUrl: database.url, poolSize: 2 });
    try {
      const lease = await store.acquireLease({ topic: 'reviews.v1', partition: 0 }, 'test');
      const commit = async (next: bigint, watermark: number, rest: object) => assert.equal((await store.commit(sampleBatch(lease, next, { highWatermark: next, watermark, ...rest }))).kind, 'committed');
      await commit(lease.nextOffset + 1n, at, { states: [{ state: storeState(state, reviewTrackerCodec, {}), expectedVersion: 0n }], surges: records });
      await turn(parts, start + 3);
      assert.equal(hook.taken().length, before, 'nobody is told while it is muted');
      await database.query("update internal.stream_lease set watermark = $1, committed_at = clock_timestamp() where topic = 'reviews.v1'", [new Date(at + 2 * 3_600_000)]);
      const chores = { pool, store, producer: {} as StreamProducer, settings: loadSettings({}), surge: surgeSettings({}), calendar: () => muting, summarize: (tracker: Parameters<typeof summarizeSurge>[0]) => summarizeSurge(tracker), say: () => undefined };
      assert.equal(await closeQuietSurges(chores, Date.now()), 1);
      await turn(parts, start + 4);
      await turn(parts, start + 5);
      assert.deepEqual(hook.taken<Document>().slice(before).map(({ type, data }) => [type, data.productId, data.seq, data.at]), [['surge.opened', 'pan', 2, new Date(at + 3_600_000).toISOString()]]);
    } finally {
      await store.close();
    }
  });

  it('try again after 500, 429 with its Retry-After and no answer, in order, under the same id, across restarts', async () => {
    hook.received.length = 0;
    const at = start + 10_000;
    await commit(transition('lamp', 1, 'opened', 4), transition('lamp', 2, 'closed', 4));
    hook.answers = [{ status: 500 }, { status: 429, headers: { 'retry-after': '30' } }];
    await turn(both(), at);
    await turn(both(), at + 100);
    assert.equal(hook.received.length, 1, 'the channel rests after a failure');
    await turn(both(), at + 1_100);
    await turn(both(), at + 25_000);
    assert.equal(hook.received.length, 2, 'Retry-After is kept');
    await turn(both(), at + 31_200);
    assert.deepEqual(hook.taken<Document>().map(({ type }) => type), ['surge.opened', 'surge.closed']);
    assert.equal(new Set(hook.received.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size, 1);
    const [row] = await database.query<{ attempts: number; last_error: string }>(`select attempts, last_error from tidewatch.notifications where channel = 'webhook' and surge_id like 'lamp%' and seq = 1`);
    assert.equal(row?.attempts, 2);
    assert.match(row.last_error, /HTTP 429/);
  });

  it('let other surges pass one that is refused, and never its own later state', async () => {
    hook.received.length = 0;
    const at = start + 100_000;
    await commit(transition('broken', 1, 'opened', 4), transition('broken', 2, 'closed', 4), transition('chair', 1, 'opened', 2));
    hook.answers = [{ status: 400 }];
    await turn(both(), at);
    assert.deepEqual(hook.taken<Document>().map(({ data }) => data.productId), ['chair']);
    await turn(both(), at + 1_500);
    assert.deepEqual(hook.taken<Document>().map(({ data, type }) => [data.productId, type]), [['chair', 'surge.opened'], ['broken', 'surge.opened'], ['broken', 'surge.closed']]);
  });

  it('show a channel that has been failing for too long, in the view, without its address, until it works again', async () => {
    await commit(transition('desk', 1, 'opened', 6));
    const at = Date.now();
    const away = partsOf({ NOTIFY_SLACK_URL: 'http://127.0.0.1:9/very-secret', NOTIFY_WEBHOOK_URL: hook.url });
    await planNotices(away);
    await deliverTo(away, channelOf(away, 'slack'), () => at - 400_000);
    const failing = () => database.query<{ channel: string; last_error: string }>('select channel, last_error from tidewatch.notification_channels where failing');
    const [row] = await failing();
    assert.equal(row?.channel, 'slack');
    assert.doesNotMatch(row.last_error, /secret/);
    await turn(both(), at);
    assert.deepEqual(await failing(), []);
  });

  it('hold back in quiet hours and beyond the rate, and then tell it all in one digest', async () => {
    slack.received.length = 0;
    const noon = Date.now() + 86_400_000 - ((Date.now() + 86_400_000) % 86_400_000) + 12 * 3_600_000;
    const quiet = partsOf({ NOTIFY_SLACK_URL: slack.url, NOTIFY_QUIET_HOURS: '11:00-13:00' });
    await commit(transition('q1', 1, 'opened', 6), transition('q2', 1, 'opened', 3));
    await commit(transition('q1', 2, 'closed', 6));
    await turn(quiet, noon);
    assert.equal(slack.received.length, 0);
    assert.deepEqual(await database.query(`select count(*)::int as n from tidewatch.notifications where channel = 'slack' and state = 'held' and held_because = 'quiet hours'`), [{ n: 3 }]);
    slack.answers = [{ status: 503 }];
    await turn(quiet, noon + 3_600_000);
    await commit(transition('q3', 1, 'opened', 2));
    await turn(quiet, noon + 3_602_000);
    assert.deepEqual(slack.taken<{ text: string }>().map(({ text }) => text), ['3 notices held back (quiet hours)']);
    const few = partsOf({ NOTIFY_SLACK_URL: slack.url, NOTIFY_RATE_LIMIT: '1/hour' });
    await turn(few, noon + 3_604_000);
    assert.equal(slack.taken().length, 1, 'the digest was this hour\'s one');
    await turn(few, noon + 7_300_000);
    assert.equal(slack.taken<{ text: string }>().at(-1)!.text, 'Surge of negative reviews: q3, severity 2 of 10', 'one alone needs no digest');
  });

  it('isolate the one notice that is refused: a digest is halved until the others have left', async () => {
    await database.query('delete from internal.notification_delivery');
    hook.received.length = 0;
    const at = Date.now() + 10 * 86_400_000;
    const few = partsOf({ NOTIFY_WEBHOOK_URL: hook.url, NOTIFY_RATE_LIMIT: '3/minute' });
    await commit(...['d0', 'd1', 'd2', 'd3', 'poison', 'd5', 'd6', 'd7'].map((product) => transition(product, 1, 'opened', 3)));
    hook.answerTo = (text) => (text.includes('"productId":"poison"') ? { status: 422 } : { status: 200 });
    for (let minute = 0; minute < 60; minute += 1) await turn(few, at + minute * 61_000);
    const told = hook.taken<Document>().flatMap(({ data }) => (data.notices ?? [data]).map(({ productId }) => productId));
    assert.deepEqual(told.toSorted(), ['d0', 'd1', 'd2', 'd3', 'd5', 'd6', 'd7']);
    hook.answerTo = null;
    await turn(few, at + 90 * 61_000);
    assert.equal(hook.taken<Document>().at(-1)!.data.productId, 'poison');
  });

  it('reach a mail server as one thread, and tell a refused recipient from a server that is away', async () => {
    const mails: string[] = [];
    let refuse = true;
    const server = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS'],
      onRcptTo: (_address, _session, callback) => callback(refuse ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
      onData(stream, _session, callback) {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => { mails.push(text); callback(); });
      },
    });
    const port = await new Promise<number>((done) => { const listener = server.listen(0, '127.0.0.1', () => done((listener.address() as { port: number }).port)); });
    try {
      const parts = partsOf({ NOTIFY_SMTP_URL: `smtp://127.0.0.1:${port}`, NOTIFY_EMAIL_FROM: 'Tidewatch <alerts@example.com>', NOTIFY_EMAIL_TO: 'lead@example.com, second@example.com' });
      const at = Date.now();
      await commit(transition('mail\r\nBcc: all@example.com', 1, 'opened', 4), transition('mail\r\nBcc: all@example.com', 2, 'closed', 4));
      await turn(parts, at);
      assert.match((await database.query<{ last_error: string }>(`select last_error from tidewatch.notifications where channel = 'email' and last_error is not null`))[0]!.last_error, /no such mailbox/);
      refuse = false;
      await turn(parts, at + 2_000);
      assert.equal(mails.length, 2);
      const header = (mail: string, name: string) => new RegExp(`^${name}: (.*)$`, 'mi').exec(mail.slice(0, mail.indexOf('\r\n\r\n')))?.[1];
      assert.match(header(mails[0]!, 'Subject')!, /^Surge of negative reviews: mail Bcc: all@example\.com, severity 4/);
      assert.equal(header(mails[0]!, 'Bcc'), undefined, 'a product name is no header');
      assert.equal(header(mails[0]!, 'References'), header(mails[1]!, 'References'));
      assert.match(mails[0]!, /10 negative reviews from 2026-01-10 06:00 UTC/);
    } finally {
      await new Promise<void>((done) => server.close(() => done()));
    }
  });
});

describe('a notice', () => {
  const database = useTestDatabase();
  const hook = new Receiver();
  const slack = new Receiver();
  let pool: Pool;
  before(async () => {
    await Promise.all([hook.start(), slack.start()]);
    pool = new Pool({ connectionString: database.url, max: 6 });
    database.closeAtEnd({ close: () => pool.end() });
  });
  after(() => Promise.all([hook.stop(), slack.stop()]));

  it('waits a bounded time for what the surge’s reviews have in common, and carries it, look-alikes too', async () => {
    const { notify } = loadSettings({ NOTIFY_WEBHOOK_URL: hook.url, NOTIFY_SLACK_URL: slack.url });
    const patient: NotifyParts = { pool, channels: openChannels(notify, 'https://tidewatch.example'), notify, explainMs: 60_000, lexicon, say: () => undefined, chance: () => 0 };
    const turn = async (parts: NotifyParts) => {
      await planNotices(parts);
      for (const channel of parts.channels) await deliverTo(parts, channel, Date.now);
    };
    await recordChannels(patient);
    await commitSurges(database.url, pool, [transition('toaster', 1, 'opened', 3)]);
    await turn(patient);
    assert.deepEqual(hook.taken(), [], 'not explained yet');
    await pool.query(`INSERT INTO internal.surge_explanation (surge_id, seq, negatives, negatives_before, contributors, look_alikes, look_alike_weight, brigading)
      SELECT surge_id, 1, 10, 50, '[{"kind":"term","value":"crumbs","shareNow":0.9,"shareBefore":0}]', 7, 6.5, '8 of 10 negatives say <nearly> the same' FROM internal.surge`);
    await turn(patient);
    const [first] = hook.taken<Document>();
    assert.deepEqual(first!.data.contributors.map(({ value }) => value), ['crumbs']);
    assert.deepEqual(first!.data.lookAlikes, { count: 7, observedWithout: 3.5, brigading: '8 of 10 negatives say <nearly> the same' });
    const [told] = slack.taken<{ blocks: { text: { text: string } }[] }>();
    assert.ok(told!.blocks.some(({ text: { text } }) => text === 'Possible brigading: 8 of 10 negatives say <nearly> the same. Without these 7: 3.5 of 10 negatives.'));
    await commitSurges(database.url, pool, [transition('toaster', 2, 'closed', 3)]);
    await turn(patient);
    assert.equal(hook.taken().length, 1, 'its newest step is not explained yet');
    const { startedAt } = transition('toaster', 1, 'opened', 3);
    for (const [n, text] of ['crumbs everywhere', 'crumbs in the bed', 'lovely'].entries()) {
      await pool.query(`INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, text, rating, p_negative, p_negative_text, top_words, model_id)
        VALUES ('reviews.v1', 0, $1, $2, 'toaster', $3, 0, $4, $5, 0.3, 0.3, '[]', 'm')`, [900 + n, new Date(startedAt + n * 1000), `t${n}`, text, text === 'lovely' ? 5 : 1]);
    }
    await turn({ ...patient, explainMs: 0 });
    const last = hook.taken<Document>()[1]!;
    assert.deepEqual([last.type, last.data.contributors, last.data.lookAlikes], ['surge.closed', [], undefined], 'it has waited long enough');
    assert.deepEqual(last.data.evidence.map(({ excerpt }) => excerpt).sort(), ['crumbs everywhere', 'crumbs in the bed'], 'evidence it has all the same');
  });
});
