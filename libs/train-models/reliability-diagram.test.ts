import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reliabilityDiagram } from './reliability-diagram.js';

describe('the reliability diagram', () => {
  const bins = [{ texts: 100, stated: 0.1, observed: 0.1 }, { texts: 25, stated: 0.9, observed: 1 }];
  const svg = reliabilityDiagram(['a', 'b', 'c', 'd'].map((title) => ({ title, bins })));

  it('has a panel for each set, in rows of three, all within the picture', () => {
    assert.equal(svg.match(/<g transform/g)!.length, 4);
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number);
    for (const [, x, y] of svg.matchAll(/translate\((\d+) (\d+)\)/g)) assert.ok(Number(x) + 180 <= width! && Number(y) + 180 <= height!);
  });

  it('marks what was observed where it was stated, with an interval that holds the share of many and of all', () => {
    assert.match(svg, /stated 10\.0 %, observed 10\.0 % of 100/);
    // Wilson's interval of 10 of 100 is 5.52 to 17.44 %, of 25 of 25 it is 86.68 to 100 %
    assert.match(svg, /y1="170\.1" y2="148\.6"/);
    assert.match(svg, /y1="24\.0" y2="0\.0"/);
  });
});
