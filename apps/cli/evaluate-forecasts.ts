/** `tidewatch evaluate forecasts`: the honesty of the forecasts by simulation, on walks whose truth is known. */
import type { Command } from 'commander';
import { loadSettings } from '#load-config';
import { openModel } from '../stream-worker/open-model.js';
import { positive } from './calibrate.js';
import { JUMP, runHonesty, runVolatilityJump } from './honesty-run.js';
import { ProgressLine } from './progress-line.js';

interface Flags { readonly walks: number; readonly bars: number; readonly seed: number; readonly model?: string; readonly json?: true }

export function registerEvaluateForecasts(evaluate: Command): void {
  evaluate.command('forecasts')
    .description('whether the forecasts are honest: coverage and claims of direction on simulated walks, and after a jump of volatility')
    .option('--walks <number>', 'walks of each kind (Gaussian, Student-t with 4 degrees, GARCH), and with the jump', positive, 1000)
    .option('--bars <number>', 'bars of each walk; the claims look at the last 250 forecasts', positive, 600)
    .option('--seed <number>', 'seed of the simulations', positive, 7)
    .option('--model <folder>', 'another quote model than the one in service')
    .option('--json', 'print the document as JSON')
    .addHelpText('after', '\nExample: tidewatch evaluate forecasts --walks 100\n')
    .action(evaluateForecasts);
}

async function evaluateForecasts({ walks, bars, seed, model: folder, json }: Flags): Promise<void> {
  const settings = loadSettings(process.env);
  const model = await openModel(folder ?? settings.models.quotes, settings);
  const progress = new ProgressLine();
  const all = walks * (3 * (bars + 1) + JUMP.at + JUMP.watched + 21);
  let done = 0;
  const onProgress = (more: number) => progress.show('walks', Math.min(1, (done += more) / all), `${done.toLocaleString('en')} bars`);
  try {
    const honesty = await runHonesty({ model, walks, bars, seed, onProgress });
    const jump = await runVolatilityJump({ model, walks, seed, onProgress });
    progress.end();
    const document = { modelId: model.manifest.modelId, bars, seed, ...honesty, jump };
    console.log(json === true ? JSON.stringify(document, null, 2) : summary(document));
  } finally {
    await model.close();
  }
}

type Document = Awaited<ReturnType<typeof runHonesty>> & { readonly modelId: string; readonly bars: number; readonly jump: Awaited<ReturnType<typeof runVolatilityJump>> };

function summary({ modelId, bars, walks, walksWithClaim, kinds, jump }: Document): string {
  const percent = (x: number | null | undefined) => (typeof x === 'number' ? `${(100 * x).toFixed(1)} %` : '-');
  return [
    `${modelId} on ${walks} walks of ${bars} bars, none of which has a direction: skill in direction claimed on ${walksWithClaim} (${percent(walksWithClaim / walks)}).`,
    ...kinds.flatMap(({ kind, walks: n, walksWithClaim: claimed, horizons }) => [
      `${kind}: claimed on ${claimed} of ${n}`,
      ...horizons.map((h) => `  ${String(h.horizon).padStart(2)} ahead: ${h.forecasts} forecasts, bands 50/80/90/95/99 cover ${Object.values(h.coverage).map(percent).join(' / ')}, in the second half of the bars ${Object.values(h.coverageLater).map(percent).join(' / ')}; claimed on ${h.claims}`),
    ]),
    `Volatility times ${JUMP.factor} at bar ${JUMP.at}: coverage of the 90 % band by bars since then, ${JUMP.step} together`,
    ...jump.map((h) => `  ${String(h.horizon).padStart(2)} ahead: ${h.achieved90.map((x) => (100 * x).toFixed(0)).join(' ')}; within 85 to 95 % from bar ${h.barsUntilHeld ?? 'never'} on`),
  ].join('\n');
}
