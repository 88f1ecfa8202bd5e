/** Waits until something holds, or a deadline; never for a fixed time. A failure says what was last seen. */
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

export async function until(what: string, holds: () => boolean | Promise<boolean>, lastSeen: () => unknown = () => '', withinMs = 20_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await holds()); await sleep(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs / 1000} s until ${what}; last seen: ${String(lastSeen())}`);
  }
}
