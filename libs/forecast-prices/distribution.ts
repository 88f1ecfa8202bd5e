/**
 * A distribution from its quantiles, and how a forecast is scored by it: CDF linear between neighbouring quantiles,
 * exponential beyond the outermost two (each tail passes through both of its last quantiles). CRPS is the exact
 * integral of (F(x) - 1[x >= y])^2 for that F, not a sum over levels: a sum leaves out the tails and would flatter
 * the model beside baselines in closed form. Gneiting and Raftery (2007), section 4.2.
 * Quantiles: ascending, ties allowed. All values are finite for finite input.
 */
type Numbers = ArrayLike<number>;

/** Mean over the levels of the pinball loss at `y`. */
export function pinballLoss(levels: Numbers, quantiles: Numbers, y: number): number {
  let sum = 0;
  for (let i = 0; i < levels.length; i += 1) {
    const error = y - quantiles[i]!;
    sum += error >= 0 ? levels[i]! * error : (levels[i]! - 1) * error;
  }
  return sum / levels.length;
}

/** Integral of F^2 over a piece of width d on which F runs linearly from a to b. */
const squared = (d: number, a: number, b: number): number => (d * (a * a + a * b + b * b)) / 3;

/** Scale of the exponential tail that starts with mass p at the outer quantile and has mass pIn at the next, `d` away. */
const tailScale = (d: number, p: number, pIn: number): number => d / Math.log(pIn / p);

/** Integral over a tail of mass p and scale b; `out` is how far the actual lies beyond the outer quantile (<= 0: it does not). */
function tailCrps(p: number, b: number, out: number): number {
  const whole = (p * p * b) / 2;
  if (out <= 0) return whole;
  const near = b > 0 ? 1 - Math.exp(-out / b) : 1;
  return whole + out - 2 * p * b * near;
}

export function crpsFromQuantiles(levels: Numbers, quantiles: Numbers, y: number): number {
  const n = levels.length;
  const low = quantiles[0]!;
  const high = quantiles[n - 1]!;
  let sum = tailCrps(levels[0]!, tailScale(quantiles[1]! - low, levels[0]!, levels[1]!), low - y);
  sum += tailCrps(1 - levels[n - 1]!, tailScale(high - quantiles[n - 2]!, 1 - levels[n - 1]!, 1 - levels[n - 2]!), y - high);
  for (let i = 1; i < n; i += 1) {
    const left = quantiles[i - 1]!;
    const right = quantiles[i]!;
    const a = levels[i - 1]!;
    const b = levels[i]!;
    if (y >= right) sum += squared(right - left, a, b);
    else if (y <= left) sum += squared(right - left, 1 - a, 1 - b);
    else {
      const at = a + ((b - a) * (y - left)) / (right - left);
      sum += squared(y - left, a, at) + squared(right - y, 1 - at, 1 - b);
    }
  }
  return sum;
}

/** F(y): the probability integral transform. On a jump of F (tied quantiles) the middle of the jump. */
export function pitFromQuantiles(levels: Numbers, quantiles: Numbers, y: number): number {
  const n = levels.length;
  const low = quantiles[0]!;
  const high = quantiles[n - 1]!;
  if (y < low) {
    const b = tailScale(quantiles[1]! - low, levels[0]!, levels[1]!);
    return b > 0 ? levels[0]! * Math.exp((y - low) / b) : 0;
  }
  if (y > high) {
    const p = 1 - levels[n - 1]!;
    const b = tailScale(high - quantiles[n - 2]!, p, 1 - levels[n - 2]!);
    return b > 0 ? 1 - p * Math.exp((high - y) / b) : 1;
  }
  let from = 0; // first quantile >= y
  while (quantiles[from]! < y) from += 1;
  let to = from; // last quantile <= y, when some equal it
  while (to + 1 < n && quantiles[to + 1] === y) to += 1;
  if (quantiles[from] === y) return (levels[from]! + levels[to]!) / 2;
  const left = quantiles[from - 1]!;
  // the quotient first: a product with a subnormal number would round its last bits away
  return levels[from - 1]! + (levels[from]! - levels[from - 1]!) * ((y - left) / (quantiles[from]! - left));
}

/** Places of a central band's lower and upper level among `levels`; null when they do not hold the band. */
export function bandOf(levels: Numbers, mass: number): readonly [number, number] | null {
  const [low, high] = [indexOfLevel(levels, (1 - mass) / 2), indexOfLevel(levels, (1 + mass) / 2)];
  return low < 0 || high < 0 ? null : [low, high];
}

/** Whether y lies in the band, borders included; null where there is none. */
export const isWithin = (band: readonly [number, number] | null, quantiles: Numbers, y: number): boolean | null => (band === null ? null : quantiles[band[0]]! <= y && y <= quantiles[band[1]]!);

/** Whether y lies in the central band of this mass; null when the levels do not hold the band. */
export const coveredBy = (levels: Numbers, quantiles: Numbers, y: number, mass: number): boolean | null => isWithin(bandOf(levels, mass), quantiles, y);

function indexOfLevel(levels: Numbers, level: number): number {
  for (let i = 0; i < levels.length; i += 1) if (Math.abs(levels[i]! - level) < 1e-9) return i;
  return -1;
}

/** The return below which the share u of the forecast lies, u inside (0, 1): inverse of pitFromQuantiles where F has no jump. */
export function quantileAt(levels: Numbers, quantiles: Numbers, u: number): number {
  const n = levels.length;
  const [first, last] = [levels[0]!, levels[n - 1]!];
  if (u < first) return quantiles[0]! + tailScale(quantiles[1]! - quantiles[0]!, first, levels[1]!) * Math.log(u / first);
  if (u > last) return quantiles[n - 1]! - tailScale(quantiles[n - 1]! - quantiles[n - 2]!, 1 - last, 1 - levels[n - 2]!) * Math.log((1 - u) / (1 - last));
  let right = 1;
  while (levels[right]! < u) right += 1;
  const share = (u - levels[right - 1]!) / (levels[right]! - levels[right - 1]!);
  return quantiles[right - 1]! + share * (quantiles[right]! - quantiles[right - 1]!);
}
