/** What the page knows: the newest of each part (null until it came), and who wants to hear of a change. */
const listeners = new Set();
export const known = { surges: null, products: null, forecasts: null, pipeline: null, totals: null };

export function learn(part, value) {
  known[part] = value;
  for (const listener of listeners) listener(part);
}

/** Calls listener(part) after each change; returns how to stop. */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The newest event time the streams have reached, epoch ms: "now" for everything that is measured in event time. */
export function streamTime() {
  const times = [
    ...(known.products ?? []).map((row) => Date.parse(row.last_review_at)),
    ...(known.pipeline?.positions ?? []).map((row) => Date.parse(row.watermark)),
  ].filter(Number.isFinite);
  return times.length === 0 ? null : Math.max(...times);
}

export const isOpen = (surge) => surge.closed_at === null;

/** How many surges are open. The list has all of them and then closed ones, unless it was cut off among the open ones. */
export function openSurges() {
  const listed = known.surges ?? [];
  const open = listed.filter(isOpen).length;
  return open < listed.length ? open : Math.max(open, known.totals?.open_surges ?? 0);
}
