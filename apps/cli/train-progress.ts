/** Shows a training on stderr: one line that is rewritten on a terminal, a line every few seconds elsewhere. */
import type { TrainingProgress } from '#train-models';

const EVERY_MS = 5_000;
const WIDTH = 24;

export function showProgress(silent: boolean): { readonly show: (progress: TrainingProgress) => void; readonly end: () => void } {
  if (silent) return { show: () => undefined, end: () => undefined };
  const terminal = process.stderr.isTTY;
  let shownAt = -Infinity;
  let shown = '';
  let open = false;
  return {
    show(progress) {
      const heading = `${progress.phase} ${progress.message}`;
      const now = performance.now();
      if (!terminal && heading === shown && now - shownAt < EVERY_MS) return;
      if (terminal && heading === shown && now - shownAt < 100) return;
      shownAt = now;
      shown = heading;
      open = terminal;
      process.stderr.write(terminal ? `\r\x1b[K${lineOf(progress)}` : `${lineOf(progress)}\n`);
    },
    end() {
      if (open) process.stderr.write('\n');
      open = false;
    },
  };
}

function lineOf({ phase, message, done, loss, devLoss, tokensPerSecond, secondsLeft }: TrainingProgress): string {
  const full = Math.round(Math.min(1, done) * WIDTH);
  const parts = [`${phase.padEnd(7)} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${message}`];
  if (loss !== null) parts.push(`loss ${loss.toFixed(4)}`);
  if (devLoss !== null) parts.push(`dev ${devLoss.toFixed(4)}`);
  if (tokensPerSecond !== null) parts.push(`${Math.round(tokensPerSecond / 1000)}k tokens/s`);
  if (secondsLeft !== null) parts.push(`${Math.ceil(secondsLeft)} s left`);
  return parts.join('  ');
}
