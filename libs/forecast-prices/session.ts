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
  /** Span in ms from first to last bar of a usual session and its number of bars; null before a session has ended. */
  readonly usualSpan: number | null;
  readonly usualBars: number | null;
  /** How sure that is: sessions of the usual span, counted up to 5, less one for each that was not. */
  readonly regular: number;
}

/** A gap is the border of a session when it is longer than four usual gaps and than half an hour. */
const BORDER_GAPS = 4;
const BORDER_MS = 1_800_000;
/** Gaps needed before a border can be told from an irregular start. */
const GAPS_KNOWN = 3;

export function freshSession(at: number): SessionState {
  return { logGap: null, gaps: 0, startedAt: at, bars: 1, usualSpan: null, usualBars: null, regular: 0 };
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
    return { session: { ...session, ...learnSpan(session, lastAt - session.startedAt), startedAt: at, bars: 1 }, border, logGapRatio };
  }
  // Bounded steps: a rare long gap moves the usual one by at most a tenth while it is young, a fiftieth later.
  const rate = session.gaps < 8 ? 0.1 : 0.02;
  return {
    session: {
      logGap: session.logGap + rate * Math.min(Math.max(logGapRatio, -1), 1),
      gaps: Math.min(session.gaps + 1, 8),
      startedAt: session.startedAt,
      bars: session.bars + 1,
      usualSpan: session.usualSpan,
      usualBars: session.usualBars,
      regular: session.regular,
    },
    border,
    logGapRatio,
  };
}

/** An outage or a short day must not displace a rhythm that was seen before; only a rhythm that keeps failing is replaced. */
function learnSpan(session: SessionState, span: number): Pick<SessionState, 'usualSpan' | 'usualBars' | 'regular'> {
  const { usualSpan, usualBars, regular } = session;
  if (usualSpan !== null && Math.abs(span - usualSpan) <= 0.1 * usualSpan) return { usualSpan: span, usualBars: session.bars, regular: Math.min(regular + 1, 5) };
  return regular > 0 ? { usualSpan, usualBars, regular: regular - 1 } : { usualSpan: span, usualBars: session.bars, regular: 0 };
}

export function usualGap(session: SessionState): number {
  return session.logGap === null ? 1 : Math.exp(session.logGap);
}

/** Bars left until the session ends, judged by the usual session; null when none is known or this one has outlasted it. */
export function barsLeft(session: SessionState, at: number): number | null {
  if (session.usualSpan === null || session.regular === 0) return null;
  const left = Math.round((session.usualSpan - (at - session.startedAt)) / usualGap(session));
  return left < -1 ? null : Math.max(left, 0);
}

/** How many session borders lie between `at` and the bar `horizon` bars later. */
export function bordersWithin(session: SessionState, at: number, horizon: number): number {
  const left = barsLeft(session, at);
  if (left === null || left >= horizon) return 0;
  return Math.min(1 + Math.floor((horizon - 1 - left) / Math.max(session.usualBars ?? 1, 1)), horizon);
}
