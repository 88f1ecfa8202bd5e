/** Every import rule refuses what it forbids: one tree with one offender per rule, one run of the real configuration. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { projectRoot } from '#load-config';

/** rule -> [offending file, what it imports] */
const OFFENDERS: Readonly<Record<string, readonly [string, string]>> = {
  'pure-stages-take-no-technology': ['libs/detect-surge/reads-a-file.ts', 'node:fs'],
  'contracts-import-nothing': ['libs/contracts/knows-a-stage.ts', '../detect-surge/index.js'],
  'stages-never-import-each-other': ['libs/forecast-prices/knows-another-stage.ts', '../detect-surge/index.js'],
  'training-uses-only-pure-libs': ['libs/train-models/writes-to-a-database.ts', '../commit-postgres/index.js'],
  'only-engines-and-training-use-models': ['libs/score-with-state/knows-a-model.ts', '../models/index.js'],
  'only-engines-stand-on-serving': ['libs/train-models/opens-a-model.ts', '../serve-models/index.js'],
  'only-consume-kafka-knows-kafkajs': ['apps/cli/talks-to-kafka.ts', 'kafkajs'],
  'only-postgres-folders-know-pg': ['libs/notify-http/talks-to-postgres.ts', 'pg'],
  'only-engines-know-onnxruntime': ['apps/console/runs-a-model.ts', 'onnxruntime-node'],
  'only-run-tfjs-knows-tensorflow': ['libs/run-onnx/knows-the-other-engine.ts', '@tensorflow/tfjs-core'],
  'libs-know-no-nest': ['libs/commit-postgres/is-injectable.ts', '@nestjs/common'],
  'libs-never-import-apps': ['libs/run-onnx/knows-an-app.ts', '../../apps/cli/main.js'],
  'product-never-imports-tests': ['apps/scheduler/uses-the-testkit.ts', '../../libs/testkit/index.js'],
  'no-cycles': ['libs/batch-by-key/first.ts', './second.js'],
};
const INNOCENT = ['libs/contracts/index.ts', 'libs/detect-surge/index.ts', 'libs/models/index.ts', 'libs/serve-models/index.ts', 'libs/commit-postgres/index.ts', 'libs/testkit/index.ts', 'apps/cli/main.ts'];

interface Violation { readonly from: string; readonly rule: { readonly name: string; readonly severity: string } }

describe('the import rules', () => {
  const root = projectRoot();
  let tree = '';
  let violations: readonly Violation[] = [];

  before(() => {
    tree = mkdtempSync(join(tmpdir(), 'tidewatch-rules-'));
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), text);
    };
    for (const file of ['tsconfig.json', 'package.json', '.dependency-cruiser.cjs']) copyFileSync(join(root, file), join(tree, file));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'dir');
    for (const file of INNOCENT) write(file, 'export const innocent = 1;\n');
    for (const [file, imported] of Object.values(OFFENDERS)) write(file, `import * as it from '${imported}';\nexport const used = it;\n`);
    write('libs/batch-by-key/second.ts', `import * as it from './first.js';\nexport const used = it;\n`);
    const result = spawnSync(process.execPath, [join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '--preserve-symlinks', 'apps', 'libs'], { cwd: tree, encoding: 'utf8', maxBuffer: 64 << 20 });
    assert.ok(result.stdout.startsWith('{'), result.stderr);
    violations = (JSON.parse(result.stdout) as { summary: { violations: Violation[] } }).summary.violations;
  });

  after(() => rmSync(tree, { recursive: true, force: true }));

  for (const [rule, [file]] of Object.entries(OFFENDERS)) {
    it(`${rule} refuses ${file}`, () => {
      const found = violations.filter((violation) => violation.from === file).map((violation) => violation.rule.name);
      assert.ok(found.includes(rule), `expected ${rule} to refuse ${file}; refused by: ${found.join(', ') || 'nothing'}`);
    });
  }

  it('has no rule that is only a warning and none without an offender here', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string; severity: string }[] };
    assert.deepEqual(forbidden.map(({ name }) => name).sort(), Object.keys(OFFENDERS).sort());
    assert.deepEqual(forbidden.filter(({ severity }) => severity !== 'error'), []);
  });
});
