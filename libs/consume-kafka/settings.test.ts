import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import kafkajs from 'kafkajs';
import { kafkaConfig, noticeLogger, type KafkaClientSettings } from './settings.js';

const plain: KafkaClientSettings = { brokers: ['a:9092', 'b:9092'], tls: false, sasl: null, clientId: 'test' };
const ignore = noticeLogger(() => undefined);

describe('kafkaConfig', () => {
  it('connects in the clear and without a name unless told otherwise', () => {
    const config = kafkaConfig(plain, ignore);
    assert.deepEqual(config.brokers, ['a:9092', 'b:9092']);
    assert.equal(config.ssl, false);
    assert.equal('sasl' in config, false);
    assert.deepEqual([config.retry?.retries, kafkaConfig({ ...plain, retries: 3 }, ignore).retry?.retries], [10, 3]);
  });

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    it(`passes TLS and ${mechanism} on`, () => {
      const config = kafkaConfig({ ...plain, tls: true, sasl: { mechanism, username: 'ann', password: 'secret' } }, ignore);
      assert.equal(config.ssl, true);
      assert.deepEqual(config.sasl, { mechanism, username: 'ann', password: 'secret' });
    });
  }
});

describe('noticeLogger', () => {
  const heard = (level: kafkajs.logLevel, message: string) => {
    const lines: string[] = [];
    noticeLogger((noticeLevel, text) => lines.push(`${noticeLevel} ${text}`))(level)({ namespace: '', level, label: '', log: { timestamp: '', message } });
    return lines[0]?.split(' ')[0];
  };

  it('takes the ordinary noise of a young or rebalancing group for information', () => {
    assert.equal(heard(kafkajs.logLevel.ERROR, 'The coordinator is loading and hence can\'t process requests for this group'), 'info');
    assert.equal(heard(kafkajs.logLevel.ERROR, 'The group is rebalancing, so a rejoin is needed'), 'info');
  });

  it('warns of what is not', () => {
    assert.equal(heard(kafkajs.logLevel.ERROR, 'SASL SCRAM authentication failed'), 'warn');
  });
});
