/**
 * How rare a value is among those before it, as -log10 of its tail probability. Below the 99.5 % quantile by rank; above it by an
 * exponential fitted to the excesses (peaks over threshold: Pickands 1975, shape zero), so that a new record tells by how much.
 */
export class PastTail {
  private readonly sorted: number[] = [];

  rarity(value: number): number {
    const n = this.sorted.length;
    if (n < 20) return 0;
    const from = Math.floor(0.995 * n);
    const threshold = this.sorted[from]!;
    if (value <= threshold) return -Math.log10((n - this.place(value) + 1) / (n + 1));
    let excess = 0;
    for (let i = from; i < n; i += 1) excess += this.sorted[i]! - threshold;
    const scale = Math.max(excess / (n - from), 1e-9 + 0.05 * Math.abs(threshold));
    return -Math.log10((n - from) / (n + 1)) + (value - threshold) / scale / Math.LN10;
  }

  add(value: number): void {
    this.sorted.splice(this.place(value), 0, value);
  }

  private place(value: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
