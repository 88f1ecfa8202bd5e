/**
 * CRPS in closed form of the two random-walk baselines, both with mean 0 and standard deviation sigma: Gaussian,
 * and Student's t with 5 degrees of freedom scaled to that deviation (returns have fat tails; 5 is the customary
 * middle of the fitted values, fixed so that the baseline has nothing to learn).
 * Formulas: Jordan, Krueger, Lerch, "Evaluating probabilistic forecasts with scoringRules", 2019, appendix A.
 */
const INV_SQRT_PI = 1 / Math.sqrt(Math.PI);
const INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

/** Standard normal CDF to about 1e-15, by Marsaglia's series (Journal of Statistical Software, 2004). */
export function normalCdf(x: number): number {
  if (x > 8) return 1;
  if (x < -8) return 0;
  let sum = x;
  let term = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + sum * INV_SQRT_2PI * Math.exp((-x * x) / 2);
}

/** sigma > 0; the unit of the result is that of y. */
export function crpsGaussian(sigma: number, y: number): number {
  const z = y / sigma;
  const density = INV_SQRT_2PI * Math.exp((-z * z) / 2);
  return sigma * (z * (2 * normalCdf(z) - 1) + 2 * density - INV_SQRT_PI);
}

const ROOT_5 = Math.sqrt(5);
export const STUDENT_DF = 5;
/** t5 has variance 5/3: scale of the t that has standard deviation 1. */
const UNIT_SCALE = Math.sqrt((STUDENT_DF - 2) / STUDENT_DF);
/** 2 sqrt(5)/4 * B(1/2, 9/2) / B(1/2, 5/2)^2, with B(1/2, 9/2) = 35 pi / 128 and B(1/2, 5/2) = 3 pi / 8. */
const CRPS_CONSTANT = ((Math.sqrt(5) / 2) * 35) / (18 * Math.PI);

/** CDF of t with 5 degrees of freedom (closed form, odd degrees), with sine and cosine of the angle written by its tangent. */
export function student5Cdf(t: number): number {
  const tangent = t / ROOT_5;
  const cos2 = 1 / (1 + tangent * tangent);
  return 0.5 + (Math.atan(tangent) + tangent * cos2 * (1 + (2 / 3) * cos2)) / Math.PI;
}

/** Density of t with 5 degrees of freedom: Gamma(3) / (sqrt(5 pi) Gamma(5/2)) = 8 / (3 pi sqrt(5)), times (1 + t^2 / 5)^-3; a power by name costs ten products. */
export function student5Density(t: number): number {
  const cos2 = 1 / (1 + (t * t) / 5);
  return (8 / (3 * Math.PI * ROOT_5)) * cos2 * cos2 * cos2;
}

export function crpsStudentT(sigma: number, y: number): number {
  const scale = sigma * UNIT_SCALE;
  const t = y / scale;
  return scale * (t * (2 * student5Cdf(t) - 1) + (2 * student5Density(t) * (5 + t * t)) / 4 - CRPS_CONSTANT);
}
