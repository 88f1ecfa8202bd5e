/** Waiting for a change that may already have come: a signal between two waits ends the next one at once. */
export class Signalled {
  private pending = false;
  private wake: (() => void) | null = null;

  /** @param longestMs a wait ends after this long without any signal; `stopping` ends it too */
  constructor(private readonly longestMs: number, private readonly stopping: AbortSignal) {
    stopping.addEventListener('abort', () => this.signal(), { once: true });
  }

  signal(): void {
    this.pending = true;
    this.wake?.();
  }

  async wait(): Promise<void> {
    if (!this.pending && !this.stopping.aborted) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, this.longestMs);
        this.wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    this.wake = null;
    this.pending = false;
  }
}
