/** The element-wise functions that JavaScript's Math lacks, on float64 or on whole numbers. */

/** The nearest integer; halves go to the even one. */
export function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below;
  return below + 1;
}

/** -1, 0 or 1; 0 for -0, NaN for NaN. */
export function sign(x: number): number {
  return Math.sign(x) + 0;
}

/** The error function: a series of positive terms up to 3, then 1 less the continued fraction of erfc. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  const scale = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
  if (a < 3) {
    // erf x = 2/sqrt(pi) e^(-x^2) (x + 2x^3/3 + 4x^5/15 + ...), Abramowitz and Stegun 7.1.6.
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return scale * sum;
  }
  // erfc a = e^(-a^2)/sqrt(pi) / (a + (1/2)/(a + (2/2)/(a + (3/2)/(a + ...)))), 7.1.14.
  let fraction = a;
  for (let n = 40; n > 0; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - scale / 2 / fraction);
}
