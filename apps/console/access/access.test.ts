import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cookieOf, PageSession, setCookie } from './page-session.js';
import { foreignPage, isLocal, judge, type Caller, type Credential, type Need } from './policy.js';
import { RateLimit } from './rate-limit.js';
import { hashOf, makeToken, parseToken } from './token-text.js';

const own = { host: '127.0.0.1:7400' };

describe('isLocal', () => {
  it('is so for programs of this machine at a console on loopback, over IPv4 and IPv6', () => {
    assert.equal(isLocal('127.0.0.1', '127.0.0.1', own), true);
    assert.equal(isLocal('localhost', '::ffff:127.0.0.1', { host: 'LOCALHOST:7400' }), true);
    assert.equal(isLocal('::1', '::1', { host: '[::1]:7400' }), true);
  });

  it('is not so at any other bind address, for other machines, for what a proxy forwards, or under a name that was pointed here', () => {
    assert.equal(isLocal('0.0.0.0', '127.0.0.1', own), false);
    assert.equal(isLocal('::', '::1', own), false);
    assert.equal(isLocal('127.0.0.1.example', '127.0.0.1', own), false);
    assert.equal(isLocal('127.0.0.1', '10.0.0.7', own), false);
    assert.equal(isLocal('127.0.0.1', undefined, own), false);
    assert.equal(isLocal('127.0.0.1', '127.0.0.1', { ...own, 'x-forwarded-for': '10.0.0.7' }), false);
    assert.equal(isLocal('127.0.0.1', '127.0.0.1', { ...own, forwarded: 'for=10.0.0.7' }), false);
    assert.equal(isLocal('127.0.0.1', '127.0.0.1', { host: 'rebound.example:7400' }), false);
    assert.equal(isLocal('127.0.0.1', '127.0.0.1', {}), false);
  });
});

describe('foreignPage', () => {
  it('lets our own page and programs through, and names pages of other origins, another port of this machine included', () => {
    assert.equal(foreignPage(own), null);
    assert.equal(foreignPage({ ...own, origin: 'http://127.0.0.1:7400', 'sec-fetch-site': 'same-origin' }), null);
    assert.equal(foreignPage({ host: 'tide.example', origin: 'https://TIDE.example' }), null);
    assert.match(foreignPage({ ...own, origin: 'http://127.0.0.1:9000' })!, /another origin/);
    assert.match(foreignPage({ ...own, origin: 'null' })!, /another origin/);
    assert.match(foreignPage({ ...own, 'sec-fetch-site': 'same-site' })!, /another site/);
  });
});

describe('judge', () => {
  const caller = (credential: Credential, rest: Partial<Caller> = {}): Caller => ({ local: false, foreign: null, credential, ...rest });
  const status = (need: Need, given: Caller) => judge(need, given)?.status ?? 200;
  const none: Credential = { kind: 'none' };

  it('opens reading to this machine, writing to nobody without a token or a session', () => {
    assert.deepEqual((['open', 'read', 'write', 'ingest'] as const).map((need) => status(need, caller(none, { local: true }))), [200, 200, 401, 401]);
    assert.deepEqual((['open', 'read', 'write', 'ingest'] as const).map((need) => status(need, caller(none))), [200, 401, 401, 401]);
  });

  it('gives each role its own and nothing more', () => {
    const allowed = (role: 'read' | 'write' | 'ingest') => (['read', 'write', 'ingest'] as const).map((need) => status(need, caller({ kind: 'token', role })));
    assert.deepEqual([allowed('read'), allowed('write'), allowed('ingest')], [[200, 403, 403], [200, 200, 403], [403, 403, 200]]);
    assert.match(judge('read', caller({ kind: 'token', role: 'ingest' }))!.detail, /role ingest, expected one of role read or write/);
  });

  it('refuses an unknown token even where none is needed', () => {
    assert.equal(status('read', caller({ kind: 'unknown' }, { local: true })), 401);
  });

  it('takes changes under a session from our own page only, and under a token from anywhere', () => {
    const foreign = 'found a page of another origin';
    assert.equal(status('write', caller({ kind: 'session', role: 'write' })), 200);
    assert.equal(status('write', caller({ kind: 'session', role: 'write' }, { foreign })), 403);
    assert.equal(status('read', caller({ kind: 'session', role: 'read' }, { foreign })), 200);
    assert.equal(status('write', caller({ kind: 'token', role: 'write' }, { foreign })), 200);
  });
});

describe('tokens and sessions', () => {
  it('reads back what it made, and takes nothing else for a token', () => {
    const { id, secret, text } = makeToken();
    assert.deepEqual(parseToken(text), { id, secret });
    assert.equal(hashOf(secret).length, 32);
    assert.notEqual(makeToken().secret, secret);
    for (const other of ['', text.slice(0, -1), `${text}a`, text.toUpperCase(), ` ${text}`, text.replace('tw_', '')]) assert.equal(parseToken(other), null, other);
  });

  it('holds only what it issued itself, unchanged and in time', () => {
    const sessions = new PageSession();
    const value = sessions.issue(1_800_000_000_000);
    assert.equal(sessions.holds(value, 1_799_999_999_999), true);
    assert.equal(sessions.holds(value, 1_800_000_000_000), false);
    assert.equal(new PageSession().holds(value, 0), false);
    assert.equal(sessions.holds(value.replace('1800000000000', '1900000000000'), 0), false);
    for (const other of ['', 'page.1.x', value.slice(0, -2)]) assert.equal(sessions.holds(other, 0), false, other);
  });

  it('finds its cookie among others', () => {
    assert.equal(cookieOf('a=1; tidewatch-7400=x=y ;b=2', 'tidewatch-7400'), 'x=y');
    assert.equal(cookieOf('tidewatch-74000=x', 'tidewatch-7400'), null);
    assert.equal(cookieOf(undefined, 'a'), null);
    assert.equal(setCookie('n', 'v', 60, true), 'n=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure');
  });
});

describe('RateLimit', () => {
  it('grants a burst, then as much as flows back, to each caller by itself', () => {
    const limit = new RateLimit(2, 3);
    assert.deepEqual([1, 2, 3, 4].map(() => limit.take('a', 0)), [0, 0, 0, 1]);
    assert.equal(limit.take('b', 0), 0);
    assert.equal(limit.take('a', 500), 0);
    assert.equal(limit.take('a', 500), 1);
    assert.equal(limit.take('a', 1e9, 4), 1);
  });
});
