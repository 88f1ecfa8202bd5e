/**
 * The tracker as bytes and back, exactly, bit for bit. Little-endian; format 4, in this order:
 *   u8 format, u64 bar, f64 x (returns, last?, session, volatilities, volume, lastZ, autocorrelation),
 *   then counted lists: fingerprints of the last instant, horizons with offsets, pending with quantiles;
 *   behind that, new in format 2: the interval, jumps, more volatilities, the session's profile; new in format 3: the widening.
 * Earlier formats end before; what they lack begins anew. Format 4 keeps of a pending forecast's raw quantiles the borders of the 90 % band
 * (90 bytes each, 124 before, with eleven levels); earlier ones kept all, ahead of the corrected ones, and what waits in them is settled by all.
 * Absent numbers are a NaN that no present number can be. A released format is never changed: a new layout gets the
 * next number and decode keeps reading the old one.
 */
import { TidewatchError } from '#contracts';
import { ByteReader, ByteWriter } from './bytes.js';
import { NO_PROFILE } from './profile.js';
import { type ForecastTracker, type HorizonState, type LastQuote, NO_VOLATILITIES, type PendingForecast, type Volatilities } from './tracker.js';
import type { RunningVariance } from './volatility.js';

const FORMAT = 4;
const SPEED_ORDER = ['fast', 'base', 'slow', 'slowest', 'range', 'border', 'walk'] as const;
const MORE_SPEEDS = ['rangeSlow', 'opening', 'daytime', 'absolute'] as const;
const EXCESSES = ['excessFast', 'excess', 'excessSlow'] as const;

function encode(tracker: ForecastTracker): Uint8Array {
  const out = new ByteWriter(1024 + tracker.pending.length * 112 + tracker.horizons.length * 192);
  out.u8(FORMAT);
  out.u64(tracker.bar);
  out.f64(tracker.returns);
  out.f64OrNull(tracker.last?.at ?? null);
  out.f64OrNull(tracker.last?.close ?? null);
  const prints = tracker.last?.fingerprints ?? [];
  out.u16(prints.length);
  prints.forEach((p) => out.f64(p));
  const { session } = tracker;
  out.f64OrNull(session.logGap);
  out.f64(session.gaps);
  out.f64(session.startedAt);
  out.f64(session.bars);
  out.f64OrNull(session.usualSpan);
  out.f64OrNull(session.usualBars);
  out.f64(session.regular);
  for (const name of SPEED_ORDER) putRunning(out, tracker.volatilities[name]);
  putRunning(out, tracker.volume);
  out.f64(tracker.lastZ);
  out.f64(tracker.autocorrelation);
  out.u16(tracker.horizons.length);
  for (const state of tracker.horizons) {
    out.u16(state.horizon);
    out.f64(state.settled);
    out.f64(state.recentWeight);
    out.f64(state.recentCovered90);
    out.f64(state.recentCrps);
    out.f64(state.recentCrpsStudentT);
    out.u16(state.offsets.length);
    state.offsets.forEach((offset) => out.f64(offset));
  }
  out.u16(tracker.pending.length);
  for (const forecast of tracker.pending) {
    out.u64(forecast.bar);
    out.f64(forecast.madeAt);
    out.f64(forecast.close);
    out.u16(forecast.horizon);
    out.f64(forecast.baselineSigma);
    out.u16(forecast.corrected.length);
    out.f32s(forecast.corrected);
    out.u16(forecast.raw.length);
    out.f32s(forecast.raw);
  }
  out.textOrNull(tracker.interval);
  out.u16(tracker.jumps.length);
  tracker.jumps.forEach((time) => out.f64(time));
  for (const name of MORE_SPEEDS) putRunning(out, tracker.volatilities[name]);
  out.u16(tracker.profile.slots.length);
  tracker.profile.slots.forEach((slot) => putRunning(out, slot));
  for (const name of EXCESSES) putRunning(out, tracker.profile[name]);
  out.f64(tracker.widening);
  return out.bytes();
}

function decode(bytes: Uint8Array, format: number): ForecastTracker {
  if (format < 1 || format > FORMAT || bytes[0] !== format) {
    throw new TidewatchError('STATE_FORMAT_UNKNOWN', `a forecast tracker of format ${format} (first byte ${bytes[0] ?? 'absent'}), this version reads formats 1 to ${FORMAT}. Run the version that wrote it, or start the symbol anew with "tidewatch state".`);
  }
  const from = new ByteReader(bytes, 'forecast tracker');
  from.u8();
  const bar = from.u64();
  const returns = from.f64();
  const at = from.f64OrNull();
  const close = from.f64OrNull();
  const fingerprints = from.list(() => from.f64());
  const last: LastQuote | null = at === null || close === null ? null : { at, close, fingerprints };
  const session = { logGap: from.f64OrNull(), gaps: from.f64(), startedAt: from.f64(), bars: from.f64(), usualSpan: from.f64OrNull(), usualBars: from.f64OrNull(), regular: from.f64() };
  const running = (): RunningVariance => ({ sum: from.f64(), weight: from.f64() });
  const volatilities: Volatilities = { ...NO_VOLATILITIES, fast: running(), base: running(), slow: running(), slowest: running(), range: running(), border: running(), walk: running() };
  const volume = running();
  const lastZ = from.f64();
  const autocorrelation = from.f64();
  const horizons = from.list((): HorizonState => {
    const [horizon, settled, recentWeight, recentCovered90, recentCrps, recentCrpsStudentT] = [from.u16(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64()] as const;
    return { horizon, settled, recentWeight, recentCovered90, recentCrps, recentCrpsStudentT, offsets: from.list(() => from.f64()) };
  });
  const pending = from.list((): PendingForecast => {
    const [bar, madeAt, close, horizon, baselineSigma, size] = [from.u64(), from.f64(), from.f64(), from.u16(), from.f64(), from.u16()] as const;
    const first = from.f32s(size);
    const second = from.f32s(format < 4 ? size : from.u16());
    const [corrected, raw] = format < 4 ? [second, first] : [first, second];
    return { bar, madeAt, close, horizon, target: Number(bar) + horizon, baselineSigma, corrected, raw };
  });
  const older: ForecastTracker = { bar, returns, last, session, volatilities, volume, lastZ, autocorrelation, horizons, pending, interval: null, jumps: [], profile: NO_PROFILE, widening: 0 };
  const newer = format === 1 ? older : { ...older, ...newInFormat2(from, volatilities) };
  const tracker = format < 3 ? newer : { ...newer, widening: from.f64() };
  from.end();
  return tracker;
}

function newInFormat2(from: ByteReader, older: Volatilities): Pick<ForecastTracker, 'interval' | 'jumps' | 'volatilities' | 'profile'> {
  const running = (): RunningVariance => ({ sum: from.f64(), weight: from.f64() });
  const interval = from.textOrNull();
  const jumps = from.list(() => from.f64());
  const volatilities = { ...older, rangeSlow: running(), opening: running(), daytime: running(), absolute: running() };
  return { interval, jumps, volatilities, profile: { slots: from.list(running), excessFast: running(), excess: running(), excessSlow: running() } };
}

function putRunning(out: ByteWriter, { sum, weight }: RunningVariance): void {
  out.f64(sum);
  out.f64(weight);
}

/** encode and decode throw STATE_CORRUPT for a number that is not finite, a cut or an overlong row. */
export const forecastTrackerCodec = { format: FORMAT, encode, decode } as const;
