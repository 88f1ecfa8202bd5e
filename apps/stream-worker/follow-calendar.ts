/**
 * The newest snapshot of the calendar, looked for every few seconds. A look that fails changes nothing and is told once; a snapshot that
 * makes no sense is told, and the one before stays.
 */
import type { StreamStore } from '#contracts';
import { type Calendar, calendarFrom } from '#detect-surge';

const LOOK_MS = 3_000;

export interface CalendarFollower {
  readonly current: () => Calendar;
  readonly look: () => Promise<void>;
  readonly stop: () => void;
}

export async function followCalendar(store: Pick<StreamStore, 'latestSnapshot'>, say: (message: string) => void, lookMs = LOOK_MS): Promise<CalendarFollower> {
  const read = async () => store.latestSnapshot('calendar');
  const first = await read();
  let calendar = calendarFrom(first.snapshotId, first.body);
  let told = false;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const { snapshotId, body } = await read();
      if (Number(snapshotId) !== calendar.id) calendar = calendarFrom(snapshotId, body);
      told = false;
    } catch (error) {
      if (!told) say(`the calendar of known events cannot be read, snapshot ${calendar.id} goes on: ${(error as Error).message}`);
      told = true;
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), lookMs).unref();
  return { current: () => calendar, look, stop: () => clearInterval(timer) };
}
