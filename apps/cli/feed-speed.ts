/** --speed: how the event times of a file become moments of the clock. */
import { TidewatchError } from '#contracts';

/** Event milliseconds per clock millisecond; null: as fast as the broker takes it. */
export type Speed = number | null;

export function parseSpeed(text: string): Speed {
  if (text === 'max') return null;
  if (text === 'realtime') return 1;
  const factor = /^(\d+(?:\.\d+)?)x$/.exec(text)?.[1];
  if (factor === undefined || Number(factor) <= 0) throw new TidewatchError('SETTING_INVALID', `--speed ${JSON.stringify(text.slice(0, 60))} is not known: expected realtime, a factor such as 60x, or max.`);
  return Number(factor);
}

/** Clock time at which each row is due. The first row is due at once; a row older than the one before it is due with that one. */
export class Pace {
  private first: number | null = null;
  private latest = 0;

  constructor(private readonly speed: number, private readonly begun: number) {}

  dueAt(eventTime: number): number {
    this.first ??= eventTime;
    this.latest = Math.max(this.latest, (eventTime - this.first) / this.speed);
    return this.begun + this.latest;
  }
}
