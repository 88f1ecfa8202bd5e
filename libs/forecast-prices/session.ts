/**
 * Learns a symbol's rhythm from its own time stamps: the usual gap between bars, where a trading session begins,
 * and how long the last whole one lasted. From that follows whether the next bars will lie beyond a session's end,
 * which is most of what there is to know about the size of the next move of an exchange-traded symbol.
 */
export interface SessionState {
  /** Natural log of the usual gap in ms; null before the second bar. */
  readonly logGap: number | null;
  /** Gaps learned, counted to 8. */
  readonly gaps: number;
  readonly startedAt: number;
  /** Bars since `startedAt`, the first included. */
  readonly bars: number;
  /** Span in ms from first to last bar and number of bars of the session before; null before a second session. */
  readonly lastSpan: number | null;
  readonly lastBars: number | null;
}

/** A gap is the border of a session when it is longer than four usual gaps and than half an hour. */
const BORDER_GAPS = 4;
const BORDER_MS = 1_800_000;
/** Gaps needed before a border can be told from an irregular start. */
const GAPS_KNOWN = 3;

export function freshSession(at: number): SessionState {
  return { logGap: null, gaps: 0, startedAt: at, bars: 1, lastSpan: null, lastBars: null };
}

export interface Rhythm {
  readonly session: SessionState;
  readonly border: boolean;
  /** log(gap / usual gap), before this gap was learned. */
  readonly logGapRatio: number;
}

export function learnGap(session: SessionState, lastAt: number, at: number): Rhythm {
  const gap = Math.max(at - lastAt, 1);
  const logGap = Math.log(gap);
  if (session.logGap === null) {
    return { session: { ...session, logGap, gaps: 1, bars: session.bars + 1 }, border: false, logGapRatio: 0 };
  }
  const logGapRatio = logGap - session.logGap;
  const border = session.gaps >= GAPS_KNOWN && gap > BORDER_MS && logGapRatio > Math.log(BORDER_GAPS);
  if (border) {
    const lastSpan = lastAt - session.startedAt;
    return { session: { ...session, startedAt: at, bars: 1, lastSpan, lastBars: session.bars }, border, logGapRatio };
  }
  // Bounded steps: a rare long gap moves the usual one by at most a tenth while it is young, a fiftieth later.
  const rate = session.gaps < 8 ? 0.1 : 0.02;
  return {
    session: {
      ...session,
      logGap: session.logGap + rate * Math.min(Math.max(logGapRatio, -1), 1),
      gaps: Math.min(session.gaps + 1, 8),
      bars: session.bars + 1,
    },
    border,
    logGapRatio,
  };
}

export function usualGap(session: SessionState): number {
  return session.logGap === null ? 1 : Math.exp(session.logGap);
}

/** Bars left until the session ends, judged by the session before; null when sessions are not known. */
export function barsLeft(session: SessionState, at: number): number | null {
  if (session.lastSpan === null || session.logGap === null) return null;
  return Math.max(Math.round((session.lastSpan - (at - session.startedAt)) / usualGap(session)), 0);
}

/** How many session borders lie between `at` and the bar `horizon` bars later. */
export function bordersWithin(session: SessionState, at: number, horizon: number): number {
  const left = barsLeft(session, at);
  if (left === null || left >= horizon) return 0;
  return Math.min(1 + Math.floor((horizon - 1 - left) / Math.max(session.lastBars ?? 1, 1)), horizon);
}
