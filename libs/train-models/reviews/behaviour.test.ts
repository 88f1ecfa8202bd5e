import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { behaviourCases, behaviourFigures, INVARIANCE_KINDS } from './behaviour.js';

describe('the behaviour suite', () => {
  const cases = behaviourCases();

  it('has 300 cases and more in fifteen kinds, twenty and more in each, none of them twice in its kind', () => {
    const figures = behaviourFigures(cases, () => 0);
    assert.equal(figures.length, 15);
    assert.ok(cases.length >= 300);
    for (const { kind, cases: count } of figures) assert.ok(count >= 20, `${kind}: ${count}`);
    assert.equal(new Set(cases.map(({ kind, text }) => `${kind}\0${text}`)).size, cases.length);
  });

  it('changes the text in each case of the kinds in which nothing may change', () => {
    for (const { kind, text, beside } of cases) if (INVARIANCE_KINDS.includes(kind)) assert.notEqual(text, beside, `${kind}: ${text}`);
  });

  it('counts a reader that is always sure of praise as failing wherever there is blame', () => {
    const figures = Object.fromEntries(behaviourFigures(cases, () => -6).map((figure) => [figure.kind, figure]));
    assert.equal(figures['typos']!.passed, figures['typos']!.cases);
    assert.equal(figures['irony markers']!.passed, 0);
    assert.equal(figures['emoji']!.passed, figures['emoji']!.cases / 2);
    assert.equal(figures['emoji']!.failures.length, 5);
  });
});
