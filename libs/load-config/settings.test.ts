import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TidewatchError } from '#contracts';
import { loadSettings, parseBudget, parseChannels } from './index.js';

const refusal = (environment: Record<string, string>) => {
  try {
    loadSettings(environment);
  } catch (error) {
    assert.ok(error instanceof TidewatchError);
    assert.equal(error.code, 'SETTING_INVALID');
    return error.message;
  }
  return assert.fail('the settings were accepted');
};

describe('loadSettings', () => {
  it('needs nothing to be set', () => {
    const settings = loadSettings({});
    assert.equal(settings.databaseUrl, null);
    assert.equal(settings.kafka, null);
    assert.equal(settings.page.port, 7400);
    assert.equal(settings.topics.reviews, 'reviews.v1');
  });

  it('names the variable and what it expects, never the value', () => {
    const message = refusal({ DATABASE_URL: 'mysql://root:hunter2@db/x' });
    assert.match(message, /DATABASE_URL/);
    assert.match(message, /postgres:\/\//);
    assert.doesNotMatch(message, /hunter2/);
  });

  it('refuses settings that contradict each other', () => {
    assert.match(refusal({ KAFKA_BROKERS: 'a:9092', STREAM_FOLDER: '/x' }), /STREAM_FOLDER/);
    assert.match(refusal({ KAFKA_BROKERS: 'a:9092', KAFKA_SASL_MECHANISM: 'plain' }), /KAFKA_USERNAME/);
    assert.match(refusal({ KAFKA_BROKERS: 'a:9092', KAFKA_PASSWORD: 'secret' }), /KAFKA_SASL_MECHANISM/);
  });

  it('refuse half of a channel, and name what is expected of the notifications', () => {
    assert.match(refusal({ NOTIFY_SMTP_URL: 'smtp://localhost' }), /NOTIFY_EMAIL_FROM and NOTIFY_EMAIL_TO/);
    assert.match(refusal({ NOTIFY_WEBHOOK_SECRET: 'sixteen characters' }), /NOTIFY_WEBHOOK_URL/);
    assert.match(refusal({ SURGE_TIME_ZONE: 'Mars/Olympus' }), /SURGE_TIME_ZONE: expected a time zone such as/);
    assert.equal(loadSettings({ SURGE_TIME_ZONE: 'Europe/Berlin' }).surgeTimeZone, 'Europe/Berlin');
    assert.match(refusal({ NOTIFY_TIME_ZONE: 'Mars/Olympus' }), /NOTIFY_TIME_ZONE: expected a time zone such as/);
    assert.match(refusal({ NOTIFY_QUIET_HOURS: '7 to 9' }), /22:00-07:00/);
    assert.match(refusal({ NOTIFY_RATE_LIMIT: '0/hour' }), /20\/hour/);
    assert.match(refusal({ NOTIFY_SLACK_URL: 'file:///etc/passwd' }), /NOTIFY_SLACK_URL: expected an address/);
  });

  it('names the page in links by PUBLIC_URL, or by where it listens', () => {
    const named = (environment: Record<string, string>) => loadSettings(environment).page.publicUrl;
    assert.equal(named({}), 'http://127.0.0.1:7400');
    assert.equal(named({ PAGE_HOST: '0.0.0.0', PAGE_PORT: '8000' }), 'http://127.0.0.1:8000');
    assert.equal(named({ PAGE_HOST: 'fd00::7' }), 'http://[fd00::7]:7400');
    assert.equal(named({ PUBLIC_URL: 'https://tidewatch.example/watch/' }), 'https://tidewatch.example/watch');
    assert.match(refusal({ PUBLIC_URL: 'tidewatch.example' }), /PUBLIC_URL: expected an address that begins/);
    assert.match(refusal({ NOTIFY_PAGE_URL: 'https://tidewatch.example' }), /NOTIFY_PAGE_URL: expected no such variable: it is called PUBLIC_URL now/);
  });

  it('chooses the engine of the models by name', () => {
    assert.equal(loadSettings({}).modelEngine, 'onnx');
    assert.equal(loadSettings({ MODEL_ENGINE: 'tfjs' }).modelEngine, 'tfjs');
    assert.match(refusal({ MODEL_ENGINE: 'torch' }), /MODEL_ENGINE: expected onnx or tfjs/);
  });

  it('takes an empty variable for an absent one', () => {
    assert.equal(loadSettings({ KAFKA_BROKERS: '' }).kafka, null);
  });
});

describe('parseBudget', () => {
  it('reads a number of false alarms and a period', () => {
    assert.equal(parseBudget('2/week', 'X'), 2 / 7);
    assert.equal(parseBudget(' 1 / quarter ', 'X'), 4 / 365.25);
  });

  it('refuses zero, negatives and unknown periods', () => {
    for (const text of ['0/week', '-1/week', '1/fortnight', 'week', '']) {
      assert.throws(() => parseBudget(text, 'SURGE_ALARM_BUDGET'), /SURGE_ALARM_BUDGET is not an alarm budget/);
    }
    for (const text of ['25/day', '0.0001/year']) assert.throws(() => parseBudget(text, '--budget'), /--budget is out of range. Expected at most 24 false alarms a day and at least one in 1000000 days/);
  });
});

describe('the surge settings', () => {
  it('read channels, and say what they expect where there are none', () => {
    assert.equal(loadSettings({}).surgeChannels, null);
    assert.deepEqual(loadSettings({ SURGE_CHANNELS: 'count, share' }).surgeChannels, ['count', 'share']);
    for (const text of ['both', 'count,count', ',', 'Share']) assert.throws(() => parseChannels(text, 'SURGE_CHANNELS'), /SURGE_CHANNELS names no channels. Expected "count"/);
    assert.match(refusal({ SURGE_PORTFOLIO_BUDGET: '0/week' }), /SURGE_PORTFOLIO_BUDGET is not an alarm budget/);
  });
});

describe('the metrics settings', () => {
  it('leave the port to each process, name one, or switch metrics off', () => {
    assert.deepEqual(loadSettings({}).metrics, { host: '127.0.0.1', port: null });
    assert.deepEqual(loadSettings({ METRICS_HOST: '0.0.0.0', METRICS_PORT: '9464' }).metrics, { host: '0.0.0.0', port: 9464 });
    assert.equal(loadSettings({ METRICS_PORT: 'off' }).metrics.port, 'off');
    assert.match(refusal({ METRICS_PORT: 'on' }), /METRICS_PORT: expected a port from 0 \(any free one\) to 65535, or off/);
  });
});
