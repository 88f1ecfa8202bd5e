/** A text's UTF-16 code units in a flat array, which is read several times as fast as a string. One is used again for every text. */
export class CodeUnits {
  units = new Uint16Array(4096);
  length = 0;

  read(text: string): this {
    if (text.length > this.units.length) this.units = new Uint16Array(2 * text.length);
    for (let i = 0; i < text.length; i += 1) this.units[i] = text.charCodeAt(i);
    this.length = text.length;
    return this;
  }

  /** 0 behind the end. */
  codeAt(at: number): number {
    return at < this.length ? this.units[at]! : 0;
  }

  /** A surrogate without its partner stands for itself; 0 behind the end. */
  codePointAt(at: number): number {
    const unit = this.codeAt(at);
    if ((unit & 0xfc00) !== 0xd800) return unit;
    const low = this.codeAt(at + 1);
    return (low & 0xfc00) === 0xdc00 ? ((unit & 0x3ff) << 10) + (low & 0x3ff) + 0x10000 : unit;
  }
}
