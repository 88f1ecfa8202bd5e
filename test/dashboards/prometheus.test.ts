/** The Prometheus side: rules that fire when they should and not a step earlier, metrics as Prometheus wants them, a runbook for each alert. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { projectRoot } from '#load-config';
import { pipelineAlerts } from '../../dashboards/alerts/pipeline.js';
import { surgeAlerts } from '../../dashboards/alerts/surges.js';
import { call } from '../api/call.js';
import { fillPipeline } from '../page/fixture-quotes.js';
import { useConsole } from '../page/use-console.js';

const folder = join(projectRoot(), 'dashboards');
const rules = readFileSync(join(folder, 'prometheus/tidewatch.rules.yaml'), 'utf8');
const tests = readFileSync(join(folder, 'prometheus/tidewatch.rules.test.yaml'), 'utf8');
/** Those of Grafana (alerts.test.ts) share the folder of runbooks. */
const grafanaAlerts = [...surgeAlerts, ...pipelineAlerts].map(({ name }) => name);
const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name!);

function promtool(args: readonly string[], input = ''): { status: number | null; said: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8', cwd: join(folder, 'prometheus') });
  if (error !== undefined) throw new Error(`promtool cannot be run (${error.message}): THE PROMETHEUS RULES WERE NOT CHECKED. Install it (Debian: apt-get install prometheus).`);
  return { status, said: `${stdout}${stderr}` };
}

describe('the Prometheus rules', () => {
  it('are rules', () => {
    const { status, said } = promtool(['check', 'rules', 'tidewatch.rules.yaml']);
    assert.equal(status, 0, said);
    assert.match(said, new RegExp(`SUCCESS: ${alerts.length} rules found`));
  });

  it('fire at their moment and not a step before it', () => {
    const { status, said } = promtool(['test', 'rules', 'tidewatch.rules.test.yaml']);
    assert.equal(status, 0, said);
  });

  it('are what the scrape example loads', () => {
    const { status, said } = promtool(['check', 'config', '--syntax-only', 'prometheus.example.yaml']);
    assert.equal(status, 0, said);
  });

  it('are each tried before they fire and when they do', () => {
    for (const alert of alerts) {
      assert.match(tests, new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`), `${alert} is not tried before it fires`);
      assert.match(tests, new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:\\n\\s+- exp_labels`), `${alert} is not tried when it fires`);
    }
  });

  it('have a runbook each, of five parts, and no runbook is without its alert', () => {
    const links = [...rules.matchAll(/runbook_url: '.+\/runbooks\/(\w+)\.md'$/gm)].map(([, name]) => name);
    assert.deepEqual(links, alerts);
    const all = [...new Set([...alerts, ...grafanaAlerts])];
    assert.deepEqual(readdirSync(join(folder, 'runbooks')).sort(), all.map((name) => `${name}.md`).sort());
    for (const alert of all) {
      const text = readFileSync(join(folder, 'runbooks', `${alert}.md`), 'utf8');
      assert.deepEqual([...text.matchAll(/^#+ .+$/gm)].map(([heading]) => heading), [`# ${alert}`, '## What it means', '## First look', '## Likely causes', '## What to do', '## How it resolves']);
      for (const [, named] of text.matchAll(/\b(Tidewatch[A-Z]\w+)/g)) assert.ok(all.includes(named!), `${alert} sends to ${named}, which is no alert`);
      for (const [, number] of text.matchAll(/[Qq]uestion (\d+) of docs\/sql\.md/g)) assert.match(readFileSync(join(projectRoot(), 'docs/sql.md'), 'utf8'), new RegExp(`^## ${number}\\. `, 'm'));
    }
  });
});

describe('the metrics', () => {
  const { database, server } = useConsole();
  let text: string;
  before(async () => {
    const client = await database.connect();
    await fillPipeline(client, Date.now());
    await client.query("INSERT INTO internal.stream_gap (topic, partition, from_offset, to_offset, reason) VALUES ('reviews.v1', 0, 3, 7, 'retention'), ('reviews.v1', 1, 0, 2, 'retention')");
    await client.query("INSERT INTO internal.feed_silence (stream, silent_since) VALUES ('quotes', now() - interval '1 hour')");
    await client.query("INSERT INTO internal.notification_channel (channel, configured, failing_seconds, failing_since, failures) VALUES ('slack', true, 300, now() - interval '1 hour', 9)");
    await client.query("INSERT INTO internal.page_address (url) VALUES ('https://tidewatch.example.com')");
    await call(server.url, '/metrics');
    text = (await call(server.url, '/metrics')).text;
  });

  it('are as Prometheus wants them: base units, suffixes, help', () => {
    const { status, said } = promtool(['check', 'metrics'], text);
    assert.equal(said, '');
    assert.equal(status, 0);
  });

  it('say what is in the database, the same at every scrape', () => {
    for (const line of ['tidewatch_database_up 1', 'tidewatch_page_info{url="https://tidewatch.example.com"} 1', 'tidewatch_lag_messages{topic="reviews.v1",partition="2"} 42', 'tidewatch_lost_offsets_total{topic="reviews.v1"} 6', 'tidewatch_feed_silent{stream="quotes"} 1', 'tidewatch_feed_silent{stream="reviews"} 0', 'tidewatch_notification_channel_failing{channel="slack"} 1', 'tidewatch_rejected_messages_total{topic="reviews.v1"} 12']) {
      assert.ok(text.split('\n').includes(line), `${line} is not in\n${text.split('\n').filter((each) => each.startsWith('tidewatch')).join('\n')}`);
    }
  });

  it('hold every metric that a rule asks for, and no label that grows with products or symbols', () => {
    const given = new Set([...text.matchAll(/^(\w+)[{ ]/gm)].map(([, name]) => name));
    for (const [name] of rules.matchAll(/\btidewatch_\w+/g)) assert.ok(given.has(name), `${name} is asked for and not given`);
    const labels = new Set([...text.matchAll(/^tidewatch_\w+\{([^}]*)\}/gm)].flatMap(([, inside]) => [...inside!.matchAll(/(\w+)="/g)].map(([, label]) => label!)));
    assert.deepEqual([...labels].sort(), ['channel', 'code', 'le', 'method', 'partition', 'route', 'status', 'stream', 'topic', 'url'].filter((label) => labels.has(label)));
    assert.ok(labels.size >= 5);
  });

  it('serve the runbooks beside them, as text', async () => {
    const answer = await call(server.url, `/runbooks/${alerts[0]!}.md`);
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'text/plain; charset=utf-8']);
    assert.match(answer.text, /## First look/);
  });
});
