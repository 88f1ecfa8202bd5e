/**
 * Little-endian writing and reading for the tracker's codec. Numbers that are not finite, cut rows and overlong rows are
 * STATE_CORRUPT: such a state can neither be committed nor loaded.
 */
import { TidewatchError } from '#contracts';

const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** No state is larger. */
export const MOST_BYTES = 2_048;

export class ByteWriter {
  private readonly bytes = new Uint8Array(MOST_BYTES);
  private readonly view = new DataView(this.bytes.buffer);
  private at = 0;

  u8(value: number): void {
    this.view.setUint8(this.take(1), value);
  }

  u16(value: number): void {
    this.view.setUint16(this.take(2), value, true);
  }

  f64(value: number): void {
    if (!Number.isFinite(value)) throw new TidewatchError('STATE_CORRUPT', `a number of the surge tracker became ${value}; only finite numbers are stored. The last good state is kept; report the review that did it.`);
    this.view.setFloat64(this.take(8), value, true);
  }

  f32(value: number): void {
    if (!Number.isFinite(value)) throw new TidewatchError('STATE_CORRUPT', `a number of the surge tracker became ${value}; only finite numbers are stored. The last good state is kept; report the review that did it.`);
    this.view.setFloat32(this.take(4), value, true);
  }

  done(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  private take(size: number): number {
    this.at += size;
    return this.at - size;
  }
}

export class ByteReader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  i64(): bigint {
    return this.view.getBigInt64(this.take(8), true);
  }

  f64(): number {
    const value = this.view.getFloat64(this.take(8), true);
    if (!Number.isFinite(value)) throw this.corrupt('a number that is not finite');
    return value;
  }

  f32(): number {
    const value = this.view.getFloat32(this.take(4), true);
    if (!Number.isFinite(value)) throw this.corrupt('a number that is not finite');
    return value;
  }

  text(): string {
    const size = this.u16();
    const from = this.take(size);
    try {
      return fromUtf8.decode(this.bytes.subarray(from, from + size));
    } catch (cause) {
      throw this.corrupt('text that is not UTF-8', cause);
    }
  }

  list<T>(most: number, one: () => T): T[] {
    const length = this.u16();
    if (length > most) throw this.corrupt(`a list of ${length}, at most ${most} expected`);
    return Array.from({ length }, one);
  }

  end(): void {
    if (this.at !== this.bytes.length) throw this.corrupt(`${this.bytes.length - this.at} bytes too many`);
  }

  corrupt(found: string, cause?: unknown): TidewatchError {
    return new TidewatchError('STATE_CORRUPT', `a stored surge tracker holds ${found}, at byte ${this.at}. Restore the row from a backup, or start the product anew with "tidewatch state".`, { cause });
  }

  private take(size: number): number {
    if (this.at + size > this.bytes.length) throw this.corrupt(`only ${this.bytes.length} bytes`);
    this.at += size;
    return this.at - size;
  }
}
