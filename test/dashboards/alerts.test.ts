/**
 * The Grafana alert rules by Grafana's own constraints: queries in time-series format that give one row per watched entity always,
 * with labels that stay; values that go up when something happens and come back when it is over; links and runbooks that exist.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Pool, type Client } from 'pg';
import { parse } from 'yaml';
import { decodeReviews, defaultDecodeSettings } from '#decode-events';
import { projectRoot } from '#load-config';
import { useTestDatabase } from '#testkit';
import { pipelineAlerts } from '../../dashboards/alerts/pipeline.js';
import { surgeAlerts } from '../../dashboards/alerts/surges.js';
import { sampleStreams } from '../../apps/scheduler/sample-streams.js';
import { connectAsReader } from '../page/fill-database.js';
import { fillPipeline, fillQuotes, fillStandings } from '../page/fixture-quotes.js';
import { fillReviews, PRODUCTS, state } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';

const folder = join(projectRoot(), 'dashboards');
const texts = new Map(readdirSync(join(folder, 'provisioning/alerting')).map((name) => [name, readFileSync(join(folder, 'provisioning/alerting', name), 'utf8')]));
const alerts = [...surgeAlerts, ...pipelineAlerts];
const LABELS = ['channel', 'product', 'stream', 'symbol', 'topic'];
const TIMESTAMPTZ = 1184;
const TEXT = 25;
const NUMBERS = [20, 21, 23, 700, 701];

interface ProvisionedRule {
  readonly uid: string;
  readonly condition: string;
  readonly data: readonly { readonly refId: string; readonly datasourceUid: string; readonly model: { readonly format?: string; readonly rawSql?: string; readonly expression?: string } }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}
const { groups } = JSON.parse(texts.get('tidewatch-rules.json')!) as { groups: readonly { name: string; folder: string; interval: string; rules: readonly ProvisionedRule[] }[] };
const rules = groups.flatMap((group) => group.rules);

describe('the provisioned alert rules', () => {
  it('have what Grafana asks of a rule: a query, a reduction, a threshold that is the condition, unique uids of 40 characters at most', () => {
    assert.deepEqual(rules.map(({ uid }) => uid), alerts.map(({ name }) => name));
    assert.equal(new Set(rules.map(({ uid }) => uid)).size, rules.length);
    for (const { uid, condition, data } of rules) {
      assert.match(uid, /^[\w-]{1,40}$/);
      assert.equal(condition, 'C');
      assert.deepEqual(data.map(({ refId, datasourceUid, model }) => [refId, datasourceUid, model.format ?? model.expression]), [['A', 'tidewatch', 'time_series'], ['B', '__expr__', 'A'], ['C', '__expr__', 'B']]);
    }
  });

  it('let go at or below where they fire, and wait for whole turns of their group', () => {
    for (const { name, above: [fires, resolves], for: pending } of alerts) {
      assert.ok(resolves <= fires, name);
      assert.match(pending, /^(0s|[1-9]\d*m)$/, name);
    }
  });

  it('hold no dollar sign but of addresses in the environment, which provisioning fills in', () => {
    const compose = parse(readFileSync(join(projectRoot(), 'docker-compose.yml'), 'utf8'), { merge: true }) as { services: { grafana: { environment: object } } };
    for (const [file, variable] of [['tidewatch-rules.json', 'PUBLIC_URL'], ['tidewatch-contact.json', 'TIDEWATCH_ALERT_EMAIL']] as const) {
      assert.deepEqual([...new Set(texts.get(file)!.match(/\$\w*/g))], [`$${variable}`]);
      assert.ok(variable in compose.services.grafana.environment, variable);
    }
  });

  it('say a sentence, and lead to a runbook and to a page that exist', () => {
    const routes = /const VIEWS = \{(.+?)\};/s.exec(readFileSync(join(projectRoot(), 'apps/console/page/main.js'), 'utf8'))![1]!;
    for (const { uid, annotations: { summary, description, runbook_url: runbook, page_url: page }, labels } of rules) {
      for (const text of [summary, description]) assert.ok(text !== undefined && text.length > 10, uid);
      assert.equal(runbook, `$PUBLIC_URL/runbooks/${uid}.md`);
      assert.ok(readdirSync(join(folder, 'runbooks')).includes(`${uid}.md`), `${uid} has no runbook`);
      const [, route] = /^\$PUBLIC_URL\/#\/(\w+)/.exec(page ?? '') ?? [];
      assert.match(routes, new RegExp(`\\b${route}: `), `${uid} leads to ${page}`);
      assert.deepEqual(Object.keys(labels), ['severity', 'team']);
    }
  });

  it('name an id of strangers in a sentence without what turns text around, marks it up or links it', () => {
    const sentences = rules.map(({ annotations }) => annotations['summary']!).filter((text) => /Labels\.(product|symbol)/.test(text));
    assert.ok(sentences.length > 4);
    for (const sentence of sentences) {
      // as Go's templates and expressions have it; here \u stands for \x
      const [, unruly, instead] = /\{\{ reReplaceAll `([^`]+)` "(.+?)" \.Labels\.\w+ \}\}/.exec(sentence)!;
      const said = '<http://evil.example|click> [here](http://evil.example) \u202e\u2066gnp.exe SKU-7 (2) [b]'.replace(new RegExp(unruly!.replaceAll('\\x{', '\\u{'), 'gu'), instead!);
      assert.equal(said, '\ufffdhttp://evil.example\ufffdclick\ufffd [here\ufffdhttp://evil.example) \ufffd\ufffdgnp.exe SKU-7 (2) [b]');
    }
  });

  it('reach somebody: the policy and its routes name the contact point, and group by alert', () => {
    const { contactPoints, policies } = JSON.parse(texts.get('tidewatch-contact.json')!) as { contactPoints: { name: string; receivers: { type: string }[] }[]; policies: { receiver: string; group_by: string[]; routes: { receiver: string }[] }[] };
    const [policy] = policies;
    for (const name of [policy!.receiver, ...policy!.routes.map(({ receiver }) => receiver)]) assert.ok(contactPoints.some((point) => point.name === name && point.receivers.length > 0), name);
    assert.deepEqual(policy!.group_by, ['grafana_folder', 'alertname']);
  });
});

describe('the queries of the alert rules', () => {
  const database = useTestDatabase();
  const now = Date.now();
  let reader: Client;

  before(async () => {
    reader = await connectAsReader(database);
  });

  /** Value by label, as Grafana makes series of the rows. */
  const values = async (name: string): Promise<Map<string, number>> => {
    const { fields, rows } = await reader.query<Record<string, unknown>>(rules.find(({ uid }) => uid === name)!.data[0]!.model.rawSql!);
    const [time, label, value] = fields;
    assert.deepEqual([fields.length, time!.name, time!.dataTypeID, label!.dataTypeID], [3, 'time', TIMESTAMPTZ, TEXT], name);
    assert.ok(LABELS.includes(label!.name), `${name} has label ${label!.name}`);
    assert.ok(NUMBERS.includes(value!.dataTypeID), `${name} gives a number`);
    const series = new Map(rows.map((row) => [row[label!.name] as string, Number(row[value!.name])]));
    assert.equal(series.size, rows.length, `${name} gives one row per entity`);
    for (const [entity, number] of series) assert.ok(Number.isFinite(number), `${name} of ${entity}`);
    return series;
  };
  const fires = async (name: string): Promise<string[]> => {
    const { above } = alerts.find((alert) => alert.name === name)!;
    return [...await values(name)].filter(([, value]) => value > above[0]).map(([entity]) => entity).sort();
  };

  it('give a row, and fire nothing, on an empty database: no data is a fault', async () => {
    for (const { name } of alerts) {
      assert.ok((await values(name)).size > 0, name);
      assert.deepEqual(await fires(name), [], name);
    }
  });

  it('have a row for every product, with the severity of its open surge, which comes back to 0 when it closes', async () => {
    await fillReviews(await database.connect(), now);
    const open = await values('TidewatchSurgeOpen');
    assert.deepEqual([...open.keys()].sort(), PRODUCTS.map(({ id }) => id).sort());
    assert.deepEqual([open.get('prd-003'), open.get('prd-001'), open.get('prd-005')], [8, 5, 0]);
    assert.deepEqual(await fires('TidewatchSurgeOpen'), ['prd-001', 'prd-003']);
    assert.deepEqual(await fires('TidewatchSurgeSevere'), ['prd-003']);
    await database.query("UPDATE internal.surge SET muted = true WHERE product_id = 'prd-001' AND closed_at IS NULL");
    assert.deepEqual(await fires('TidewatchSurgeOpen'), ['prd-003'], 'a known event mutes the other');
    await database.query("UPDATE internal.surge SET status = 'closed', closed_at = last_change_at WHERE product_id = 'prd-003'");
    assert.equal((await values('TidewatchSurgeOpen')).get('prd-003'), 0);
    assert.deepEqual(await fires('TidewatchSurgeSevere'), []);
  });

  it('keep the longest and strangest id that is taken as it is: one label, one row', async () => {
    const longest = `<b>"{{ .Labels }}$1\u202e${'é'.repeat(256)}`.slice(0, 256);
    const message = (productId: string) => ({ topic: 't', partition: 0, offset: 0n, key: null, timestamp: now, value: Buffer.from(JSON.stringify({ reviewId: 'r', productId, text: 'Fine.', reviewedAt: '2026-01-01' })) });
    assert.deepEqual(decodeReviews(defaultDecodeSettings, [message(longest), message(`${longest}x`)]).map((each) => (each.ok ? each.event.productId : each.rejection.code)), [longest, 'out_of_range']);
    await insert(await database.connect(), 'entity_state', [state({ id: longest, name: 'x' }, 1, now)]);
    assert.equal((await values('TidewatchSurgeOpen')).get(longest), 0);
    await database.query('DELETE FROM internal.entity_state WHERE entity = $1', [longest]);
  });

  it('know a symbol whose coverage has left its tolerance', async () => {
    await fillQuotes(await database.connect(), now, 150);
    await fillStandings(database.url);
    await database.query("UPDATE internal.forecast_standing SET coverage_off = (symbol = 'HALO' AND horizon = 5)::int");
    const off = await values('TidewatchCoverageLost');
    assert.equal(off.size, 8);
    assert.deepEqual(await fires('TidewatchCoverageLost'), ['HALO']);
  });

  it('know a symbol that has just moved far outside its forecast, and let go of it', async () => {
    const [newest] = await database.query<{ made_at: Date; bar: string }>("SELECT made_at, bar FROM internal.settlement WHERE symbol = 'HALO' AND horizon = 1 AND actual IS NOT NULL ORDER BY settled_at DESC LIMIT 1");
    const move = (pit: number, age: string) => database.query("UPDATE internal.settlement SET covered99 = false, pit = $3, settled_at = now() - $4::interval WHERE symbol = 'HALO' AND horizon = 1 AND made_at = $1 AND bar = $2", [newest!.made_at, newest!.bar, pit, age]);
    await database.query('UPDATE internal.settlement SET covered99 = true');
    assert.deepEqual([(await values('TidewatchMoveSevere')).size, await fires('TidewatchMoveSevere')], [8, []]);
    await move(0.9999, '1 minute');
    assert.equal((await values('TidewatchMoveSevere')).get('HALO'), 6, 'a tail of 0.0002');
    assert.deepEqual(await fires('TidewatchMoveSevere'), []);
    await move(0.00001, '1 minute');
    assert.deepEqual(await fires('TidewatchMoveSevere'), ['HALO']);
    await move(0.00001, '8 days');
    assert.deepEqual(await fires('TidewatchMoveSevere'), [], 'no news any more');
  });

  it('know a silent feed, and that it speaks again', async () => {
    await database.query("INSERT INTO internal.feed_silence (stream, silent_since) VALUES ('quotes', now() - interval '1 hour')");
    assert.deepEqual(await fires('TidewatchFeedSilent'), ['quotes']);
    await database.query('DELETE FROM internal.feed_silence');
    assert.deepEqual([...await values('TidewatchFeedSilent')].sort(), [['quotes', 0], ['reviews', 0]]);
  });

  it('know a product of which no review comes any more, and that it is back', async () => {
    assert.deepEqual([(await values('TidewatchProductSilent')).size, await fires('TidewatchProductSilent')], [PRODUCTS.length, []]);
    await database.query("INSERT INTO internal.product_silence (product_id, silent_since, ordinary_seconds, budget_per_day) VALUES ('prd-002', now() - interval '9 days', 86400, 0.01)");
    assert.deepEqual(await fires('TidewatchProductSilent'), ['prd-002']);
    await database.query('DELETE FROM internal.product_silence');
    assert.deepEqual(await fires('TidewatchProductSilent'), []);
  });

  it('know a symbol that is silent in its session, and that it is back', async () => {
    assert.deepEqual([...await values('TidewatchSymbolSilent')].filter(([, silent]) => silent !== 0), []);
    await database.query("INSERT INTO internal.stale_symbol (symbol, silent_since, usual_bars, weeks, severity) VALUES ('HALO', now() - interval '1 hour', 12, 4, 2), ('NEWCOMER', now() - interval '1 hour', 12, 1, 2)");
    assert.equal((await values('TidewatchSymbolSilent')).size, 9, 'the eight that have a standing, and one that has none');
    assert.deepEqual(await fires('TidewatchSymbolSilent'), ['HALO', 'NEWCOMER']);
    await database.query('DELETE FROM internal.stale_symbol');
    assert.deepEqual(await fires('TidewatchSymbolSilent'), []);
  });

  it('know a topic that stands still only while messages wait', async () => {
    await fillPipeline(await database.connect(), now);
    await database.query("UPDATE internal.stream_lease SET committed_at = now() - interval '10 minutes', high_watermark = next_offset");
    assert.deepEqual(await fires('TidewatchPartitionStalled'), []);
    await database.query("UPDATE internal.stream_lease SET high_watermark = next_offset + 5 WHERE topic = 'reviews.v1' AND partition = 1");
    assert.deepEqual(await fires('TidewatchPartitionStalled'), ['reviews.v1']);
    assert.ok((await values('TidewatchPartitionStalled')).get('reviews.v1')! >= 600);
    await database.query("UPDATE internal.stream_lease SET committed_at = now() WHERE topic = 'reviews.v1'");
    assert.deepEqual(await fires('TidewatchPartitionStalled'), []);
  });

  it('know a topic of which more than one message in twenty has become a dead letter within a quarter of an hour', async () => {
    const pool = new Pool({ connectionString: database.url, max: 1 });
    await sampleStreams({ pool, settings: { topics: { reviews: 'reviews.v1' } } });
    await pool.end();
    const { rows: [sample] } = await reader.query<{ same: boolean; median_seconds: number; p95_seconds: number }>("SELECT taken = (SELECT sum(accepted + duplicates + rejected) FROM tidewatch.stream_positions p WHERE p.topic = s.topic) AS same, median_seconds, p95_seconds FROM tidewatch.stream_samples s WHERE topic = 'reviews.v1'");
    assert.ok(sample!.same && sample!.p95_seconds > sample!.median_seconds && sample!.median_seconds > 0, JSON.stringify(sample));
    assert.deepEqual(await fires('TidewatchDeadLettersRising'), []);
    await database.query("UPDATE internal.stream_lease SET accepted = accepted + 300, rejected = rejected + 20 WHERE topic = 'reviews.v1' AND partition = 0");
    assert.deepEqual(await fires('TidewatchDeadLettersRising'), ['reviews.v1']);
    assert.equal((await values('TidewatchDeadLettersRising')).get('reviews.v1'), 0.0625);
    await database.query("UPDATE internal.stream_sample SET sampled_at = sampled_at - interval '20 minutes'");
    assert.deepEqual(await fires('TidewatchDeadLettersRising'), []);
  });

  it('know a channel that reaches nobody, and that it does again', async () => {
    await database.query("INSERT INTO internal.notification_channel (channel, configured, failing_seconds, failing_since, failures) VALUES ('slack', true, 300, now() - interval '1 hour', 9), ('email', true, 300, null, 0)");
    assert.deepEqual(await fires('TidewatchDeliveryFailing'), ['slack']);
    await database.query('UPDATE internal.notification_channel SET failing_since = null');
    assert.deepEqual([...await values('TidewatchDeliveryFailing')].sort(), [['email', 0], ['slack', 0]]);
  });
});
