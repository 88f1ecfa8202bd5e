/** What a feed shows while it runs: a bar with a rate on a terminal, a plain line every two seconds elsewhere. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface FeedCounts {
  readonly sent: number;
  readonly refused: number;
}

const WIDTH = 24;

export class Progress {
  private shownAt: number;
  private readonly begun: number;

  constructor(private readonly screen: Screen, private readonly now: () => number, private readonly done = 'sent') {
    this.begun = now();
    this.shownAt = this.begun;
  }

  /** `share` of the input that has been read, 0 to 1; NaN where nobody knows how much there is. Draws at most ten times a second. */
  show(label: string, share: number, counts: FeedCounts): void {
    const now = this.now();
    const tty = this.screen.isTTY === true;
    if (now - this.shownAt < (tty ? 100 : 2_000)) return;
    this.shownAt = now;
    const rate = Math.round(counts.sent / Math.max((now - this.begun) / 1000, 0.001));
    const refused = counts.refused === 0 ? '' : `, ${counts.refused} refused`;
    const percent = Number.isNaN(share) ? '' : `${String(Math.round(share * 100)).padStart(3)} %  `;
    const figures = `${percent}${counts.sent.toLocaleString('en')} ${this.done}${refused}, ${rate.toLocaleString('en')}/s`;
    const done = Math.round(Math.min(share, 1) * WIDTH) || 0;
    this.screen.write(tty ? `\r\u001b[K${label} ${percent === '' ? '' : `[${'#'.repeat(done)}${'.'.repeat(WIDTH - done)}] `}${figures}` : `${label} ${figures}\n`);
  }

  /** Puts a line above the bar. */
  line(text: string): void {
    this.screen.write(this.screen.isTTY === true ? `\r\u001b[K${text}\n` : `${text}\n`);
  }

  end(): void {
    if (this.screen.isTTY === true) this.screen.write('\r\u001b[K');
  }
}
