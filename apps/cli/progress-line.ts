/** One line of progress on stderr: rewritten on a terminal, a plain line every few seconds elsewhere. */
import type { Screen } from './feed-progress.js';

const WIDTH = 24;
const EVERY_MS = 3_000;

export class ProgressLine {
  private shownAt = -Infinity;
  private open = false;

  constructor(private readonly screen: Screen = process.stderr, private readonly now: () => number = () => performance.now()) {}

  /** `done` from 0 to 1. */
  show(label: string, done: number, detail: string): void {
    const terminal = this.screen.isTTY === true;
    const now = this.now();
    if (now - this.shownAt < (terminal ? 100 : EVERY_MS)) return;
    this.shownAt = now;
    this.open = terminal;
    const full = Math.round(Math.min(1, Math.max(0, done)) * WIDTH);
    const line = `${label} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${String(Math.round(100 * done)).padStart(3)} %  ${detail}`;
    this.screen.write(terminal ? `\r\u001b[K${line}` : `${line}\n`);
  }

  line(text: string): void {
    this.screen.write(this.open ? `\r\u001b[K${text}\n` : `${text}\n`);
    this.open = false;
  }

  end(): void {
    if (this.open) this.screen.write('\r\u001b[K');
    this.open = false;
  }
}
