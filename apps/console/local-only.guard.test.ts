import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalOf } from './local-only.guard.js';

const own = { host: '127.0.0.1:7400' };

describe('refusalOf', () => {
  it('lets programs of this machine and our own page through, over IPv4 and IPv6', () => {
    assert.equal(refusalOf('127.0.0.1', own), null);
    assert.equal(refusalOf('::1', { host: '[::1]:7400', origin: 'http://[::1]:7400' }), null);
    assert.equal(refusalOf('::ffff:127.0.0.1', { host: 'localhost:7400', origin: 'http://LOCALHOST:7400', 'sec-fetch-site': 'same-origin' }), null);
  });

  it('refuses other machines, and what a proxy forwards for them', () => {
    assert.match(refusalOf('10.0.0.7', own)!, /this machine only/);
    assert.match(refusalOf('127.0.0.1', { ...own, 'x-forwarded-for': '10.0.0.7' })!, /this machine only/);
    assert.match(refusalOf(undefined, own)!, /this machine only/);
  });

  it('refuses a name that was pointed at this machine, and pages of other origins, another port of it included', () => {
    assert.match(refusalOf('127.0.0.1', { host: 'rebound.example:7400' })!, /another Host/);
    assert.match(refusalOf('127.0.0.1', { host: '127.0.0.1.example' })!, /another Host/);
    assert.match(refusalOf('127.0.0.1', { ...own, origin: 'http://127.0.0.1:9000' })!, /another origin/);
    assert.match(refusalOf('127.0.0.1', { ...own, origin: 'null' })!, /another origin/);
    assert.match(refusalOf('127.0.0.1', { ...own, 'sec-fetch-site': 'cross-site' })!, /another site/);
  });
});
