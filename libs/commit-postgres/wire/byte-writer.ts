/**
 * A growing buffer, big endian as the Postgres protocol wants it. Values are written once, straight into the bytes
 * that go to the socket. Short ASCII, the commonest text in a row, is written by hand: the native call costs more.
 */
import { storableText } from './storable-text.js';

const TWO_32 = 4_294_967_296;
const SHORT = 24;

export class ByteWriter {
  buffer: Buffer;
  at = 0;
  /** Over the same bytes: its setters are compiled in place, those of Buffer are calls. */
  private view: DataView;

  constructor(capacity = 1 << 18) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
    this.view = viewOf(this.buffer);
  }

  /** Makes room for `more` bytes. */
  ensure(more: number): void {
    const wanted = this.at + more;
    if (wanted <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
    this.view = viewOf(grown);
  }

  uint8(value: number): void {
    this.ensure(1);
    this.buffer[this.at++] = value;
  }

  int16(value: number): void {
    this.ensure(2);
    this.view.setInt16(this.at, value);
    this.at += 2;
  }

  int32(value: number): void {
    this.ensure(4);
    this.view.setInt32(this.at, value);
    this.at += 4;
  }

  /** An integer of at most 53 bits, without the cost of a bigint. */
  int64FromNumber(value: number): void {
    this.ensure(8);
    const high = Math.floor(value / TWO_32);
    this.view.setInt32(this.at, high);
    this.view.setUint32(this.at + 4, value - high * TWO_32);
    this.at += 8;
  }

  int64(value: bigint): void {
    this.ensure(8);
    this.view.setBigInt64(this.at, value);
    this.at += 8;
  }

  /** Each behind its length of 4, as elements of an array are. */
  sizedFloat32s(values: ArrayLike<number>): void {
    const { length } = values;
    this.ensure(8 * length);
    for (let i = 0; i < length; i += 1) {
      this.view.setInt32(this.at, 4);
      this.view.setFloat32(this.at + 4, values[i]!);
      this.at += 8;
    }
  }

  float64(value: number): void {
    this.ensure(8);
    this.view.setFloat64(this.at, value);
    this.at += 8;
  }

  bytes(value: Uint8Array): void {
    this.ensure(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  /** UTF-8 behind its length; lone surrogates become U+FFFD in the encoder itself. */
  sizedText(value: string): void {
    const { length } = value;
    this.ensure(4 + length * 3);
    const start = this.at + 4;
    if (length <= SHORT) {
      let i = 0;
      for (; i < length; i += 1) {
        const code = value.charCodeAt(i);
        if (code === 0 || code > 127) break;
        this.buffer[start + i] = code;
      }
      if (i === length) {
        this.view.setInt32(this.at, length);
        this.at = start + length;
        return;
      }
    }
    const size = this.buffer.write(storableText(value), start, 'utf8');
    this.buffer.writeInt32BE(size, this.at);
    this.at = start + size;
  }

  /** Text that ends with a zero byte, as names and statements in the protocol do. */
  zeroEnded(value: string): void {
    this.ensure(value.length * 3 + 1);
    this.at += this.buffer.write(value, this.at, 'utf8');
    this.buffer[this.at++] = 0;
  }

  /** Leaves room for a length; `closeLength` fills it in. */
  openLength(): number {
    const mark = this.at;
    this.int32(0);
    return mark;
  }

  /** The bytes since `mark`; the protocol counts the length field itself, values do not. */
  closeLength(mark: number, countItself: boolean): void {
    this.buffer.writeInt32BE(this.at - mark - (countItself ? 0 : 4), mark);
  }
}

const viewOf = (buffer: Buffer): DataView => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
