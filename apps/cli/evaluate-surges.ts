/**
 * `tidewatch evaluate surges`: the proof of the surge detector by simulation. Rows are kept in a file as they come, so that a
 * run that was cut goes on; the report is made from them by surge-report.ts.
 */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { type AlarmRow, type DelayRow, proofTasks } from '../../libs/detect-surge/simulation.js';
import { positive } from './calibrate.js';
import { type ProofRow, reportOf, summaryOf } from './surge-report.js';
import { runOnThreads } from './surge-threads.js';

interface Options {
  readonly seed: number;
  readonly quick?: boolean;
  readonly effort: number;
  readonly threads: number;
  readonly resume?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function registerEvaluateSurges(evaluate: Command): void {
  evaluate.command('surges')
    .description('false alarms against the budget and delay against Lorden\'s bound, by simulation')
    .option('--seed <number>', 'seed of the simulations', positive, 7)
    .option('--quick', 'a small run of under a minute, with wide intervals')
    .option('--effort <factor>', '1 is 600 alarms a cell, or 2,500,000 reviews; the report says with which it was made', positive, 1)
    .option('--threads <number>', 'threads', positive, Math.min(2, availableParallelism()))
    .option('--resume <file>', 'keep finished rows there and pass over those it holds')
    .option('--out <name>', 'write <name>.md and <name>.json')
    .option('--json', 'print the rows and the summary as JSON')
    .addHelpText('after', '\nExample: tidewatch evaluate surges --quick\n         tidewatch evaluate surges --resume rows.jsonl --out docs/surge-evaluation')
    .action(evaluateSurges);
}

async function evaluateSurges({ seed, quick, effort: given, threads, resume, out, json }: Options): Promise<void> {
  const effort = quick === true ? 0.04 : given;
  const tasks = proofTasks(effort, seed);
  const nameOf = (index: number) => JSON.stringify([seed, effort, tasks[index]]);
  const held = resume === undefined ? new Map<string, AlarmRow | DelayRow>() : await readHeld(resume);
  const open = tasks.map((_, index) => index).filter((index) => !held.has(nameOf(index)));
  let finished = tasks.length - open.length;
  let written = Promise.resolve();
  await runOnThreads<AlarmRow | DelayRow>(open.map((index) => ({ kind: 'proof', task: tasks[index]! })), threads, (at, row) => {
    held.set(nameOf(open[at]!), row);
    if (resume !== undefined) written = written.then(() => appendFile(resume, `${JSON.stringify({ name: nameOf(open[at]!), row })}\n`));
    finished += 1;
    if (finished % 10 === 0 || finished === tasks.length) process.stderr.write(`evaluate surges: ${finished} of ${tasks.length} cells\n`);
  });
  await written;
  const rows = tasks.map((task, index): ProofRow => ({ ...task, result: held.get(nameOf(index))! }));
  const report = reportOf(rows, { seed, effort });
  if (out !== undefined) {
    await writeFile(`${out}.md`, report);
    await writeFile(`${out}.json`, `${JSON.stringify({ seed, effort, summary: summaryOf(rows), rows: rows.map(plain) })}\n`);
  }
  process.stdout.write(json === true ? `${JSON.stringify({ seed, effort, summary: summaryOf(rows), rows: rows.map(plain) }, null, 1)}\n` : report);
}

/** Infinity is not JSON: a Poisson stream has size null. */
const plain = ({ kind, budget, ratio, cell, result }: ProofRow) => ({ kind, budget, ...cell.stream, size: Number.isFinite(cell.stream.size) ? cell.stream.size : null, seed: cell.seed, ...(ratio === undefined ? {} : { ratio }), result });

async function readHeld(file: string): Promise<Map<string, AlarmRow | DelayRow>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const held = new Map<string, AlarmRow | DelayRow>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const { name, row } = JSON.parse(line) as { name: string; row: AlarmRow | DelayRow };
      // JSON has no Infinity: a median that was never reached came back as null
      held.set(name, 'medianDays' in row && row.medianDays === null ? { ...(row), medianDays: Infinity } : row);
    } catch {
      continue; // a last line that was cut: its cell is done again
    }
  }
  return held;
}
