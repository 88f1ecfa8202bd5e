/**
 * The tracker as bytes and back, exactly, bit for bit. Little-endian; format 1, in this order:
 *   u8 format, u64 bar, f64 x (returns, last?, session, volatilities, volume, lastZ, autocorrelation),
 *   then counted lists: fingerprints of the last instant, horizons with offsets, pending with quantiles.
 * Absent numbers are a NaN that no present number can be. A released format is never changed: a new layout gets the
 * next number and decode keeps reading the old one.
 */
import { TidewatchError } from '#contracts';
import { ByteReader, ByteWriter } from './bytes.js';
import type { ForecastTracker, HorizonState, LastQuote, PendingForecast } from './tracker.js';
import type { RunningVariance } from './volatility.js';

const FORMAT = 1;
const SPEED_ORDER = ['fast', 'base', 'slow', 'slowest', 'range', 'border', 'walk'] as const;

function encode(tracker: ForecastTracker): Uint8Array {
  const out = new ByteWriter(512 + tracker.pending.length * 160 + tracker.horizons.length * 192);
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
    out.u16(forecast.raw.length);
    forecast.raw.forEach((value) => out.f32(value));
    forecast.corrected.forEach((value) => out.f32(value));
  }
  return out.bytes();
}

function decode(bytes: Uint8Array, format: number): ForecastTracker {
  if (format !== FORMAT || bytes[0] !== FORMAT) {
    throw new TidewatchError('STATE_FORMAT_UNKNOWN', `a forecast tracker of format ${format} (first byte ${bytes[0] ?? 'absent'}), this version reads format ${FORMAT}. Run the version that wrote it, or start the symbol anew with "tidewatch state".`);
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
  const volatilities = { fast: running(), base: running(), slow: running(), slowest: running(), range: running(), border: running(), walk: running() };
  const volume = running();
  const lastZ = from.f64();
  const autocorrelation = from.f64();
  const horizons = from.list((): HorizonState => {
    const [horizon, settled, recentWeight, recentCovered90, recentCrps, recentCrpsStudentT] = [from.u16(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64()] as const;
    return { horizon, settled, recentWeight, recentCovered90, recentCrps, recentCrpsStudentT, offsets: from.list(() => from.f64()) };
  });
  const pending = from.list((): PendingForecast => {
    const [bar, madeAt, close, horizon, baselineSigma, size] = [from.u64(), from.f64(), from.f64(), from.u16(), from.f64(), from.u16()] as const;
    return { bar, madeAt, close, horizon, baselineSigma, raw: from.f32s(size), corrected: from.f32s(size) };
  });
  from.end();
  return { bar, returns, last, session, volatilities, volume, lastZ, autocorrelation, horizons, pending };
}

function putRunning(out: ByteWriter, { sum, weight }: RunningVariance): void {
  out.f64(sum);
  out.f64(weight);
}

/** encode and decode throw STATE_CORRUPT for a number that is not finite, a cut or an overlong row. */
export const forecastTrackerCodec = { format: FORMAT, encode, decode } as const;
