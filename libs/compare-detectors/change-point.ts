/**
 * Bayesian online change-point detection (Adams & MacKay 2007) with a gamma-Poisson model of counts per bucket and a constant
 * hazard. The score of a bucket is the log odds that a change happened within the newest `newest` buckets, counted only for run lengths whose
 * mean lies above that of the longest probable run: a fall is not an alarm.
 */
export function changePointScores(counts: ArrayLike<number>, { hazard, newest, shape, rate, longest }: { hazard: number; newest: number; shape: number; rate: number; longest: number }): Float64Array {
  const scores = new Float64Array(counts.length);
  let mass = [1];
  let sums = [shape];
  let lengths = [0];
  for (let t = 0; t < counts.length; t += 1) {
    const x = counts[t]!;
    const grown: number[] = [];
    let born = 0;
    for (let r = 0; r < mass.length; r += 1) {
      const joint = mass[r]! * predictive(x, sums[r]!, rate + lengths[r]!);
      grown.push(joint * (1 - hazard));
      born += joint * hazard;
    }
    mass = [born, ...grown].slice(0, longest);
    sums = [shape, ...sums.map((sum) => sum + x)].slice(0, longest);
    lengths = [0, ...lengths.map((length) => length + 1)].slice(0, longest);
    const total = mass.reduce((a, b) => a + b, 0);
    for (let r = 0; r < mass.length; r += 1) mass[r]! /= total;
    let old = newest + 1;
    for (let r = newest + 1; r < mass.length; r += 1) if (mass[r]! > mass[old]!) old = r;
    if (old >= mass.length) {
      scores[t] = -Infinity;
      continue;
    }
    const before = sums[old]! / (rate + lengths[old]!);
    let changed = 0;
    for (let r = 1; r <= newest; r += 1) if (sums[r]! / (rate + lengths[r]!) > before) changed += mass[r]!;
    scores[t] = Math.log((changed + 1e-15) / (1 - changed + 1e-15));
  }
  return scores;
}

/** Negative binomial: Poisson whose rate is gamma(shape, rate). */
function predictive(x: number, shape: number, rate: number): number {
  let log = shape * Math.log(rate / (rate + 1)) - x * Math.log(rate + 1);
  for (let k = 0; k < x; k += 1) log += Math.log((shape + k) / (k + 1));
  return Math.exp(log);
}
