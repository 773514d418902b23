/** What ops compute on single numbers where JavaScript's operators differ; for kernels that are loops. */

/** The remainder with the sign of the divisor, as Python's %. */
export function floatMod(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/** As `floatMod`; 0 where the divisor is 0. */
export function intMod(x: number, y: number): number {
  return y === 0 ? 0 : floatMod(x, y);
}

/** The floor of the quotient; 0 where the divisor is 0. */
export function intFloorDivide(x: number, y: number): number {
  return y === 0 ? 0 : Math.floor(x / y);
}

/** x to the power y as in IEEE 754, where 1 to any power is 1; JavaScript's ** gives NaN for NaN and infinities. */
export function floatPower(x: number, y: number): number {
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

/** Toward zero; NaN and values that an int32 cannot hold give -2147483648, as TensorFlow's cast on CPU does. */
export function toInt32(x: number): number {
  const whole = Math.trunc(x);
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole : -(2 ** 31);
}
