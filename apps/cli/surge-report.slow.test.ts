import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { projectRoot } from '#load-config';
import { join } from 'node:path';
import { measureAlarms, proofTasks } from '../../libs/detect-surge/simulation.js';
import { type ProofRow, reportOf, summaryOf } from './surge-report.js';

interface Committed { readonly seed: number; readonly effort: number; readonly summary: unknown; readonly rows: readonly { readonly result: ProofRow['result'] }[] }

describe('docs/surge-evaluation', () => {
  const file = (ending: string) => readFileSync(join(projectRoot(), 'docs', `surge-evaluation.${ending}`), 'utf8');
  const { seed, effort, summary, rows } = JSON.parse(file('json')) as Committed;
  const tasks = proofTasks(effort, seed);

  it('is of this detector: a few of its cells come out the same when they are run again', () => {
    for (const index of [18, 30, 46]) assert.deepEqual(measureAlarms(tasks[index]!.cell), rows[index]!.result, 'run "tidewatch evaluate surges --out docs/surge-evaluation" again, with the seed and effort of the report');
  });

  it('says what its rows say', () => {
    const proof = tasks.map((task, i): ProofRow => ({ ...task, result: rows[i]!.result }));
    assert.deepEqual(summaryOf(proof), summary);
    assert.equal(reportOf(proof, { seed, effort }), file('md'));
  });
});
