/** What the page knows: the newest of each part (null until it came), and who wants to hear of a change. */
const listeners = new Set();
export const known = { surges: null, products: null, forecasts: null, pipeline: null };

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
