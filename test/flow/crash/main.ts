/** `npm run test:crash -- --kills 500 [--seed 1] [--broken]`: the crash test alone, for long runs, over its own services. */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { compiledFile, projectRoot } from '#load-config';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '25' }, seed: { type: 'string', default: '1' }, broken: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
if (values.help) {
  console.log('Kills, freezes and rebalances workers while they consume, then compares every table with an undisturbed run.\n\n  --kills N   SIGKILLs to deal out (default 25)\n  --seed N    seed of stream and chaos (default 1)\n  --broken    run the deliberately broken commit instead: it must be caught\n\nExample:\n  npm run test:crash -- --kills 500');
  process.exit(0);
}
const services = spawn(process.execPath, [compiledFile('libs/testkit/start-services.js')], { cwd: projectRoot(), stdio: ['pipe', 'pipe', 'inherit'] });
const environment = await new Promise<Record<string, string>>((done, refuse) => {
  let text = '';
  services.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes('\n')) done(JSON.parse(text) as Record<string, string>);
  });
  services.once('exit', (code) => refuse(new Error(`the test services ended with ${code}`)));
});
Object.assign(process.env, environment);
const { crashTest } = await import('./crash-test.js');
const result = await crashTest({ kills: Number(values.kills), seed: Number(values.seed), brokers: environment['TEST_KAFKA_BROKERS']!, reviewWorker: values.broken ? 'test/flow/crash/broken-worker.js' : 'apps/review-worker/main.js', say: (line) => console.log(line) });
console.log(`${result.kills} kills, ${result.freezes} freezes, ${result.membersCome} members came and went, ${result.stream.reviews.length} reviews, ${result.stream.quotes.length} quotes, ${result.seconds.toFixed(0)} s`);
if (result.difference !== '') console.log(`DIFFERS (left: disturbed, right: calm)\n${result.difference}`);
console.log(result.difference === '' ? '1 passed, 0 failed' : '0 passed, 1 failed');
services.once('exit', () => process.exit(result.difference === '' ? 0 : 1));
services.stdin.end();
