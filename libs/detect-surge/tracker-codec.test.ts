import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { elapseSurge, freshSurgeTracker, surgeSettings, surgeTrackerCodec } from './index.js';
import { DAY_MS } from './settings.js';
import { runAll, START, streamOf } from './testing.js';

/** Two trackers as format 1 was released with: one at rest with six runs alive, one in a surge that is worsening. Never changed; a new format gets texts of its own. */
const QUIET_1 = [
  'AQAAAAAAAOA/AAAAAAAA4D8AAAAAAADwPwAAAAAAABxAmpmZmZmZ8T8AAAAAAAAkQAEAQKScJcx4QgBgWZOrznhCAAAAAABAWUAAAAAAgETTQGdmhg30IvY/AAAAAAAAKEAqEk0BLpnn',
  'PwC1GZeYfYUsQCL1n8LcARpAqLwFdN2CI0C1GZeYfYUsQE/zBVvUxVRAT/MFW9TFVEDk9td88D8IQDtVPnGqCxNAhsfN0eDY+T87VT5xqgsTQAH/+N44DtRdPwBgWZOrznhCNDMzwwLb',
  'bT8AAAAAAADwPwEfldX+Hc1tPwBgWZOrznhCNDMzwwLbbT8AAAAAAADwPwETJqNpSr99PwBgWZOrznhCNDMzwwLbbT8AAAAAAADwPwELBTI+1qONPwBgWZOrznhCNDMzwwLbbT8AAAAA',
  'AADwPwEEF9LqMIagPwBgWZOrznhCNDMzwwLbbT8AAAAAAADwPwF7SovQ0COxPwBgWZOrznhCNDMzwwLbbT8AAAAAAADwPwAAAAAAAAABAAMAcjI1CgByZXZpZXdzLnYxAAAAABkAAAAA',
  'AAAAADDOPu/MeEKamVmcWIvvPwgAaXQgYnJva2UAAIACEhYi5263TGcVKs1wnBgBAAAFAGJyb2tlevnlluFeJ0ACAAAAevnlluFeJ0AAAAAAAAAAQA==',
].join('');
const SURGING_1 = [
  'AQAAAAAAAOA/AAAAAAAA4D8AAAAAAADwPwAAAAAAABxAmpmZmZmZ8T8AAAAAAAAkQAEAQKScJcx4QgAwps0Ez3hCAAAAAAAAX0AAAAAAwETTQLgekg1kPSxAAAAAAAAANkCqmAuAgDoo',
  'QAGcV9MomcUuQBxbw40RXx1AYOvVLn2GJECcV9MomcUuQO3c/SXNg1dA7dz9Jc2DV0AeW6Qvl9IJQHRN5/pylBZAQfxTDhv+/z90Tef6cpQWQAAAAAAAAAAAAAAAAAEBAAEAAAAAAAAQ',
  'QABgaRzRznhCAFCSDb3OeEIAMO5a7c54Qrgekg1kPSxAAAAAAAAANkDCcRzJSjQAQAt/gIP/jMQ/AAAAAAAA8D8ehZl2ZhAlQAAAAAAAABBAPF8GTX/PJEAAAAAAAAAAAAAwps0Ez3hC',
  'ADCmzQTPeEIBAAQAcjExNAoAcmV2aWV3cy52MQAAAAByAAAAAAAAAACwa8nlznhCrkdhimuL7j8IAGl0IGJyb2tlAACAAhIWIudut0xnFSrNcJwYAQAABQBicm9rZTbQOLQzIytAEAAA',
  'ADbQOLQzIytAAAAAAAAAMEA=',
].join('');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('a stored surge tracker of format 1', () => {
  const quiet = surgeTrackerCodec.decode(bytesOf(QUIET_1), 1);
  const surging = surgeTrackerCodec.decode(bytesOf(SURGING_1), 1);

  it('is read for ever: what it holds is kept, and it has seen no burst and knows no season', () => {
    assert.equal(quiet.reviews, 101);
    assert.ok(Math.abs(quiet.baseline.negatives - 14.260723846859813) < 1e-12);
    assert.equal(quiet.runs.filter((value, i) => i % 7 === 0 && value > 0).length, 6);
    assert.equal(quiet.baseline.singles, quiet.baseline.negatives);
    assert.deepEqual([quiet.baseline.burstExcess, quiet.prior.season, Math.max(...quiet.baseline.season), Math.max(...quiet.hours)], [0, null, 0, 0]);
    assert.equal(surging.reviews, 124);
    assert.equal(surging.episode?.status, 'worsening');
  });

  it('is written in the newest format from then on', () => {
    for (const tracker of [quiet, surging]) assert.deepEqual(surgeTrackerCodec.decode(surgeTrackerCodec.encode(tracker), surgeTrackerCodec.format), tracker);
  });

  it('goes on to the baseline and the end of the surge', () => {
    const stream = [...streamOf({ days: 9, perDay: 12, share: 0.1, size: Infinity, rises: [{ from: 8, to: 9, negatives: 12, others: 1 }] }, 2)];
    const whole = runAll(surgeSettings({ season: 'none' }), stream).tracker;
    const revived = runAll(surgeSettings({ season: 'none' }), stream.slice(quiet.reviews), null, quiet).tracker;
    assert.equal(revived.reviews, whole.reviews);
    assert.ok(Math.abs(revived.baseline.negatives - whole.baseline.negatives) < 1e-9);
    const end = elapseSurge(surgeSettings(), surging, 'p', START + 14 * DAY_MS, 'm');
    assert.deepEqual(end.records.map(({ status }) => status), ['easing', 'closed']);
  });
});

describe('a surge tracker of format 5', () => {
  it('comes back exactly, with its season, bursts and hours, and whether its surge is muted', () => {
    const prior = { season: Array.from({ length: 31 }, (_, i) => 1 + ((i % 3) - 1) / 10) };
    const { tracker } = runAll(surgeSettings({ timeZone: 'Europe/Berlin' }), streamOf({ days: 40, perDay: 30, share: 0.2, size: 5, rises: [] }, 3), null, freshSurgeTracker(prior));
    assert.ok(Math.max(...tracker.hours) > 0 && Math.max(...tracker.baseline.season) > 0 && tracker.prior.season !== null);
    const muted = { ...tracker, calendar: 7, episode: { ...surgeTrackerCodec.decode(bytesOf(SURGING_1), 1).episode!, muted: true } };
    assert.deepEqual(surgeTrackerCodec.decode(surgeTrackerCodec.encode(muted), surgeTrackerCodec.format), muted);
  });

  it('is what those of formats 2 to 4, as they were released, become: they lose their reviews and terms and nothing else', () => {
    for (const format of [2, 3, 4]) {
      const frozen = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'libs', 'detect-surge', 'fixtures', `tracker-format-${format}.json`), 'utf8')) as { quiet: string; surging: string; reviews: number[]; status: string; calendar?: number; muted?: boolean };
      const [quiet, surging] = [surgeTrackerCodec.decode(bytesOf(frozen.quiet), format), surgeTrackerCodec.decode(bytesOf(frozen.surging), format)];
      assert.deepEqual([quiet.reviews, surging.reviews, surging.episode?.status, surging.episode?.muted], [...frozen.reviews, frozen.status, frozen.muted ?? false]);
      for (const [tracker, bytes] of [[quiet, bytesOf(frozen.quiet)], [surging, bytesOf(frozen.surging)]] as const) {
        assert.equal(tracker.calendar, frozen.calendar ?? 0);
        const written = surgeTrackerCodec.encode(tracker);
        assert.deepEqual(surgeTrackerCodec.decode(written, surgeTrackerCodec.format), tracker);
        assert.ok(written.length < bytes.length);
        if (tracker.episode === null) {
          const calendarBegins = written.length - 8;
          assert.deepEqual(written.slice(1, calendarBegins), bytes.slice(1, calendarBegins), 'the same bytes up to where the reviews were');
        }
      }
    }
  });

  it('takes 1,449 bytes when all is alive in it that can be: 2 KB are the limit', () => {
    const { tracker } = runAll(surgeSettings(), streamOf({ days: 40, perDay: 30, share: 0.2, size: 5, rises: [] }, 3), null, freshSurgeTracker({ season: new Array<number>(31).fill(1) }));
    const fullest = { ...tracker, runs: tracker.runs.map(() => 1), episode: surgeTrackerCodec.decode(bytesOf(SURGING_1), 1).episode! };
    assert.equal(surgeTrackerCodec.encode(fullest).length, 1_449);
  });
});
