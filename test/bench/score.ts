/**
 * `tidewatch score` beside the engine alone (tokenizer, encoder and, with history, state steps, from memory) on as many threads, in processes of
 * their own that take turns. Times begin once the models are open. Printed: medians, the ratio per round, and the CPU time that each needed
 * (opening included, Linux only), which stays comparable where others use the machine.
 * Usage: node dist/test/bench/score.js [--reviews 30000] [--products 3000] [--rounds 3] [--threads 2] [--data ../shared/data/reviews] [--model models/reviews-v5] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compiledFile } from '#load-config';
import { median, sampleReviews } from './support/sample.js';

const { values: options } = parseArgs({ options: { reviews: { type: 'string', default: '30000' }, products: { type: 'string', default: '3000' }, rounds: { type: 'string', default: '3' }, threads: { type: 'string', default: '2' }, data: { type: 'string', default: '../shared/data/reviews' }, model: { type: 'string', default: 'models/reviews-v5' }, json: { type: 'boolean', default: false } } });
const say = (line: string) => process.stderr.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'bench-score-'));
const reviews = sampleReviews({ folder: options.data, count: Number(options.reviews), products: Number(options.products), seed: 17 });
const [lines, memory] = [join(folder, 'reviews.jsonl'), join(folder, 'reviews.json')];
writeFileSync(lines, reviews.map(({ message }) => `${String(message.value)}\n`).join(''));
writeFileSync(memory, JSON.stringify(reviews.map(({ productId, text, rating, reviewedAt }) => ({ productId, text, rating, reviewedAt }))));

function run(args: readonly string[]): { stdout: string; stderr: string } {
  const result = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, ENCODER_THREADS: options.threads } });
  if (result.status !== 0) throw new Error(result.stderr);
  return result;
}
/** CPU seconds of the processes that this one has waited for. */
const spent = () => readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ').slice(13, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
function costOf(work: () => number): { perSecond: number; cpu: number } {
  const before = spent();
  return { perSecond: work(), cpu: spent() - before };
}
const engine = (what: 'text' | 'history') => Number(run([compiledFile('test/bench/support/engine-threads.js'), options.model, memory, options.threads, what]).stdout);
const score = (...flags: string[]) => {
  const { stderr } = run([compiledFile('apps/cli/main.js'), 'score', lines, '--out', join(folder, 'out.jsonl'), '--model', options.model, '--json', ...flags]);
  const { scored, seconds } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as { scored: number; seconds: number };
  if (scored !== reviews.length) throw new Error(`${scored} of ${reviews.length} were scored`);
  return scored / seconds;
};
const pairs = { 'text alone': [() => score(), () => engine('text')], 'with history': [() => score('--history'), () => engine('history')] } as const;
type Cost = ReturnType<typeof costOf>;
const seen: Record<string, { score: Cost; engine: Cost }[]> = {};
for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const [name, [ours, alone]] of Object.entries(pairs)) {
    const both = round % 2 === 0 ? { score: costOf(ours), engine: costOf(alone) } : { engine: costOf(alone), score: costOf(ours) };
    (seen[name] ??= []).push(both);
    say(`round ${round + 1}, ${name}: score ${Math.round(both.score.perSecond)}, engine alone ${Math.round(both.engine.perSecond)} reviews/s, ${((100 * both.score.perSecond) / both.engine.perSecond).toFixed(1)} %; CPU ${both.score.cpu.toFixed(1)} s, engine alone ${both.engine.cpu.toFixed(1)} s`);
  }
}
const result = Object.fromEntries(Object.entries(seen).map(([name, rounds]) => [name, {
  score: median(rounds.map((r) => r.score.perSecond)), engine: median(rounds.map((r) => r.engine.perSecond)), ratio: median(rounds.map((r) => r.score.perSecond / r.engine.perSecond)), cpuRatio: median(rounds.map((r) => r.engine.cpu / r.score.cpu)),
}]));
for (const [name, { score: ours, engine: alone, ratio, cpuRatio }] of Object.entries(result)) say(`${name}: score ${Math.round(ours)}, engine alone on ${options.threads} threads ${Math.round(alone)} reviews/s; ${(100 * ratio).toFixed(1)} % (by CPU time ${(100 * cpuRatio).toFixed(1)} %)`);
if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
rmSync(folder, { recursive: true });
