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

/** The remainder with the sign of the divisor, as Python's %. */
export function floatMod(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/** As `floatMod` on integers; 0 where the divisor is 0. */
export function intMod(x: number, y: number): number {
  return y === 0 ? 0 : floatMod(x, y);
}

/** The floor of the quotient of integers; 0 where the divisor is 0. */
export function intFloorDivide(x: number, y: number): number {
  return y === 0 ? 0 : Math.floor(x / y);
}

/** x to the power y as in IEEE 754, where 1 to any power is 1; JavaScript's ** gives NaN for NaN and infinities. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return x ** y;
}

/** x to the power y modulo 2^32. A negative exponent gives the integer part of the fraction. */
export function intPower(x: number, y: number): number {
  if (y < 0) return x === 1 || (x === -1 && y % 2 === 0) ? 1 : x === -1 ? -1 : 0;
  let result = 1;
  for (let [base, rest] = [x, y]; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/** Toward zero; NaN and values that an int32 cannot hold give the smallest int32. */
export function toInt32(x: number): number {
  const whole = Math.trunc(x);
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole : -(2 ** 31);
}
