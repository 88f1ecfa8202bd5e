// The test runner behind `npm test` and `npm run test:unit`: node:test over the compiled files, so that what is tested
// is what ships. Usage: node test/run-tests.mjs unit|all [path prefix ...]
// "all" also lints, starts one real Postgres and one real Kafka for every integration test, and stops them again.
// Prints a line with its time per suite while it runs and, last, `N passed, N failed`.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [suite = 'all', ...prefixes] = process.argv.slice(2);
const INTEGRATION = ['test/postgres', 'test/kafka', 'test/api', 'test/flow', 'test/page', 'test/golden', 'test/dashboards', 'test/notify'];
const UNIT = ['libs', 'apps', 'test/architecture'];

const under = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true }).map(String).filter((f) => f.endsWith('.test.ts')).map((f) => join(folder, f))
    : [];
const wanted = (file) => prefixes.length === 0 || prefixes.some((p) => file.startsWith(p));
const compiled = (file) => join(root, 'dist', file.replace(/\.ts$/, '.js'));
// What takes more than a second or two is named .slow.test.ts, and left out of the fast part unless it is asked for by its path.
const isSlow = (file) => suite === 'unit' && prefixes.length === 0 && file.endsWith('.slow.test.ts');
const unitFiles = UNIT.flatMap(under).filter((file) => wanted(file) && !isSlow(file)).sort();
const integrationFiles = suite === 'unit' ? [] : INTEGRATION.flatMap(under).filter(wanted).sort();

let passed = 0;
let failed = 0;
const failures = [];

/** A difference of two databases can be megabytes long. */
const shorten = (text) => text.split('\n').slice(0, 60).map((line) => (line.length > 300 ? `${line.slice(0, 300)} ...` : line)).join('\n');

function fail(name, detail) {
  failed += 1;
  failures.push(`${name}\n${shorten(detail)}`);
  console.log(`not ok  ${name}`);
}

/** Runs compiled test files, a few processes side by side, and counts leaf tests. */
async function runFiles(files, concurrency, timeout) {
  if (files.length === 0) return;
  const names = new Map(files.map((f) => [compiled(f), f]));
  const stream = run({ files: files.map(compiled), concurrency, timeout });
  for await (const { type, data } of stream) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const file = names.get(data.file ?? data.name) ?? '';
    const isSuite = data.details?.type === 'suite';
    const isFile = data.name === data.file || names.has(resolve(data.name));
    if (type === 'test:pass' && !isSuite && !isFile && data.skip === undefined && data.todo === undefined) passed += 1;
    if (type === 'test:pass' && data.nesting === 0) console.log(`ok      ${file} > ${data.name}  ${(data.details.duration_ms / 1000).toFixed(1)} s`);
    if (type === 'test:pass' && data.skip !== undefined) {
      if (process.env.CI) fail(`${file} > ${data.name}`, `skipped in CI: ${data.skip}`);
      else console.log(`SKIPPED ${file} > ${data.name}: ${data.skip}`);
    }
    if (type === 'test:fail') {
      const error = data.details?.error;
      const cause = error?.cause ?? error;
      const subtests = error?.failureType === 'subtestsFailed';
      if (!subtests) fail(`${file} > ${data.name}`, String(cause?.stack ?? cause));
    }
  }
}

/** Takes one core for a minute, so it runs beside the first tests. */
async function lint() {
  for (const [name, args] of [['eslint', ['node_modules/eslint/bin/eslint.js', '.']], ['import rules', ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'migrations', 'test']]]) {
    const { status, output } = await new Promise((done) => execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 }, (error, stdout, stderr) => done({ status: error === null ? 0 : 1, output: `${stdout}${stderr}` })));
    if (status === 0) { passed += 1; console.log(`ok      ${name}`); } else fail(name, output);
  }
}

async function withServices(work) {
  if (integrationFiles.length === 0) return work();
  const services = spawn(process.execPath, [join(root, 'dist/libs/testkit/start-services.js')], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const environment = await new Promise((done, refuse) => {
    let text = '';
    services.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) done(JSON.parse(text.slice(0, text.indexOf('\n'))));
    });
    services.once('exit', (code) => refuse(new Error(`the test services ended with ${code} before they were ready`)));
  });
  Object.assign(process.env, environment);
  console.log(`services: ${Object.keys(environment).join(', ')}`);
  try {
    await work();
  } finally {
    const gone = new Promise((done) => services.once('exit', done));
    services.stdin.end();
    await gone;
  }
}

if (suite === 'all' && prefixes.length === 0) {
  await Promise.all([lint(), runFiles(unitFiles, 2, 120_000)]);
} else await runFiles(unitFiles, 2, 120_000);
console.log(`unit tests: ${passed} passed, ${failed} failed so far`);
try {
  await withServices(() => runFiles(integrationFiles, 2, 900_000)); // most of them wait for something
} catch (error) {
  fail('test services', String(error?.stack ?? error));
}
if (failures.length > 0) console.log(`\n${failures.map((f) => `--- ${f}`).join('\n\n')}\n`);
if (passed === 0 && failed === 0) fail('no test was found', `looked for *.test.ts in ${[...UNIT, ...INTEGRATION].join(', ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
