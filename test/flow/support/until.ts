/** Waits until something holds or a deadline passes; the failure says what was seen last. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function until<T>(what: string, look: () => Promise<T>, holds: (seen: T) => boolean, timeoutMs: number, everyMs = 100): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}; last seen: ${JSON.stringify(seen, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}`);
    await sleep(everyMs);
  }
}
