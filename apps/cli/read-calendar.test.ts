import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { TidewatchError } from '#contracts';
import { readCalendar, sourceOf } from './read-calendar.js';

const ICS = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Sale', 'DTSTART:20260901T080000Z', 'DTEND:20260902T080000Z', 'DESCRIPTION:tidewatch: factor=3', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const options = { zone: 'UTC', from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1) };

describe('a calendar at an address', () => {
  let server: Server;
  let url = '';
  const asked: (string | undefined)[] = [];
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      if (request.url === '/moved') return response.writeHead(302, { location: '/team.ics' }).end();
      if (request.url === '/gone') return response.writeHead(404).end('no');
      if (request.url === '/page') return response.end('<html>sign in</html>');
      if (request.url === '/endless') return response.end(Buffer.alloc(17 * 1024 * 1024, 65));
      return response.writeHead(200, { 'content-type': 'text/calendar' }).end(ICS);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => new Promise<void>((done) => {
    server.close(() => done());
    server.closeAllConnections();
  }));
  const refused = (path: string, pattern: RegExp) => assert.rejects(readCalendar(path, options), (error) => error instanceof TidewatchError && error.code === 'INPUT_FILE_INVALID' && pattern.test(error.message) && !/secret/.test(error.message));

  it('is read as a file is, behind a move and a login, too', async () => {
    for (const where of [`${url}/team.ics`, `${url}/moved`, url.replace('//', '//mia:secret%21@')]) {
      assert.deepEqual((await readCalendar(where, options)).map(({ name, factor }) => [name, factor]), [['Sale', 3]], where);
    }
    assert.equal(asked.at(-1), `Basic ${Buffer.from('mia:secret!').toString('base64')}`);
  });

  it('is refused with its host and what was found, never with the whole address', async () => {
    await refused(`${url}/gone`, /the calendar at 127\.0\.0\.1:\d+ cannot be read \(it answered 404\): expected an iCalendar file/);
    await refused(`${url}/page`, /the calendar at 127\.0\.0\.1:\d+: line 1/);
    await refused(`${url}/endless`, /longer than 16 MB/);
    await refused('http://mia:secret@127.0.0.1:1/secret.ics', /the calendar at 127\.0\.0\.1:1 cannot be read \(no answer/);
    await refused('nowhere.ics', /nowhere\.ics cannot be read/);
  });

  it('has a name of its own, which says its host alone and is the same every time', () => {
    assert.match(sourceOf('https://calendar.example/private-secret/basic.ics'), /^calendar\.example#[0-9a-f]{8}$/);
    assert.notEqual(sourceOf('https://calendar.example/a.ics'), sourceOf('https://calendar.example/b.ics'));
    assert.equal(sourceOf('/tmp/plans.ics'), 'plans.ics');
  });
});
