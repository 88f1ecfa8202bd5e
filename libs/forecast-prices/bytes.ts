/**
 * Little-endian writing and reading for the tracker's codec. Both refuse numbers that are not finite
 * (STATE_CORRUPT): a state filled with NaN can neither be committed nor loaded.
 */
import { TidewatchError } from '#contracts';

const NO_TEXT = 0xffff;

export class ByteWriter {
  private view: DataView;
  private at = 0;

  constructor(capacity: number) {
    this.view = new DataView(new ArrayBuffer(capacity));
  }

  u8(value: number): void {
    this.view.setUint8(this.take(1), value);
  }

  u16(value: number): void {
    this.view.setUint16(this.take(2), value, true);
  }

  u64(value: bigint): void {
    this.view.setBigUint64(this.take(8), value, true);
  }

  f64(value: number): void {
    if (!Number.isFinite(value)) throw new TidewatchError('STATE_CORRUPT', `a state number became ${value}; only finite numbers are stored. The last good state is kept; report the quote that did it.`);
    this.view.setFloat64(this.take(8), value, true);
  }

  f64OrNull(value: number | null): void {
    if (value === null) this.view.setFloat64(this.take(8), Number.NaN, true);
    else this.f64(value);
  }

  f32s(values: readonly number[]): void {
    const from = this.take(4 * values.length);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!;
      if (!Number.isFinite(value)) throw new TidewatchError('STATE_CORRUPT', `a forecast quantile became ${value}; only finite numbers are stored. The last good state is kept; report the quote that did it.`);
      this.view.setFloat32(from + 4 * i, value, true);
    }
  }

  textOrNull(value: string | null): void {
    const bytes = value === null ? new Uint8Array() : new TextEncoder().encode(value);
    this.u16(value === null ? NO_TEXT : bytes.length);
    bytes.forEach((byte) => this.u8(byte));
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer.slice(0, this.at));
  }

  private take(size: number): number {
    if (this.at + size > this.view.byteLength) {
      const larger = new ArrayBuffer(Math.max(this.view.byteLength * 2, this.at + size));
      new Uint8Array(larger).set(new Uint8Array(this.view.buffer));
      this.view = new DataView(larger);
    }
    const at = this.at;
    this.at += size;
    return at;
  }
}

export class ByteReader {
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array, private readonly what: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  f64(): number {
    const value = this.f64OrNull();
    if (value === null) throw this.corrupt('a number that is not finite');
    return value;
  }

  f64OrNull(): number | null {
    const value = this.view.getFloat64(this.take(8), true);
    if (Number.isNaN(value)) return null;
    if (!Number.isFinite(value)) throw this.corrupt('a number that is not finite');
    return value;
  }

  f32s(count: number): number[] {
    const from = this.take(4 * count);
    const values = new Array<number>(count);
    for (let i = 0; i < count; i += 1) {
      values[i] = this.view.getFloat32(from + 4 * i, true);
      if (!Number.isFinite(values[i])) throw this.corrupt('a quantile that is not finite');
    }
    return values;
  }

  textOrNull(): string | null {
    const size = this.u16();
    if (size === NO_TEXT) return null;
    const from = this.take(size);
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + from, size));
  }

  list<T>(one: () => T): T[] {
    return Array.from({ length: this.u16() }, one);
  }

  end(): void {
    if (this.at !== this.view.byteLength) throw this.corrupt(`${this.view.byteLength - this.at} bytes too many`);
  }

  private take(size: number): number {
    if (this.at + size > this.view.byteLength) throw this.corrupt(`only ${this.view.byteLength} bytes`);
    const at = this.at;
    this.at += size;
    return at;
  }

  private corrupt(found: string): TidewatchError {
    return new TidewatchError('STATE_CORRUPT', `a stored ${this.what} holds ${found}, at byte ${this.at}. Restore the row from a backup, or start the entity anew with "tidewatch state".`);
  }
}
