import type { Expressions, Vector } from "../emit/expression.ts";
import { pairBias, rounder, scale } from "./exponential.ts";

/** fdlibm's e_pow.c, highest power first: log2 by an odd series in (m - b) / (m + b), then 2^f by a continued fraction. */
const series = [
  2.06975017800338417784e-1, 2.30660745775561754067e-1, 2.72728123808534006489e-1, 3.33333329818377432918e-1,
  4.28571428578550184252e-1, 5.99999999999994648725e-1,
];
const fraction = [
  4.13813679705723846039e-8, -1.6533902205465251539e-6, 6.61375632143793436117e-5, -2.77777777770155933842e-3,
  1.66666666666666019037e-1,
];
/** log2(1.5), 2 / (3 ln 2) and ln 2 as numbers, and in two parts of which the first has 32 low zeros. */
const log1p5 = { high: 5.84962487220764160156e-1, low: 1.35003920212974897128e-8 };
const third = {
  all: 9.61796693925975554329e-1,
  high: 9.61796700954437255859e-1,
  low: -7.02846165095275826516e-9,
};
const ln2 = {
  all: Math.LN2,
  high: 6.93147182464599609375e-1,
  low: -1.90465429995776804525e-9,
};
const magic = 1.5 * 2 ** 52;

/** A sum of two numbers, of which the first has 32 low zeros: products of two such are exact. */
interface Pair {
  readonly high: Vector;
  readonly low: Vector;
}

/** Without the lower 32 bits. */
function upper(e: Expressions, x: Vector): Vector {
  return e.keep(e.and(x, () => e.code.i32x4(0, -1, 0, -1)));
}

/** log2(x) for positive finite x, to about 2^-64. */
function binaryLogarithm(e: Expressions, x: Vector): Pair {
  const denormal = e.keep(e.compare("lt", x, e.number(2 ** -1022)));
  const normal = e.keep(e.select(denormal, e.mul(x, e.number(2 ** 53)), x));
  const field = e.keep(e.shift("shr_u", normal, 52));
  const fraction1 = e.keep(e.or(e.and(normal, e.bits(0xfffff, -1)), e.number(1)));
  // m in [sqrt(3) / 2, sqrt(3)), and b = 1 or 1.5, whichever is nearer.
  const large = e.keep(e.compare("ge", fraction1, e.number(Math.sqrt(3))));
  const m = e.keep(e.select(large, e.mul(fraction1, e.number(0.5)), fraction1));
  const middle = e.keep(e.andnot(e.compare("ge", m, e.number(Math.sqrt(1.5))), large));
  const b = e.keep(e.select(middle, e.number(1.5), e.number(1)));
  const exponent = e.sub(e.op("i64x2.add", field, e.number(magic)), e.number(magic + 1023));
  const shift = e.sub(e.and(large, e.number(1)), e.and(denormal, e.number(53)));
  const n = e.keep(e.add(exponent, shift));
  const [difference, sum] = [e.keep(e.sub(m, b)), e.keep(e.add(m, b))];
  const inverse = e.keep(e.div(e.number(1), sum));
  const s = e.keep(e.mul(difference, inverse));
  const sHigh = upper(e, s);
  const sumHigh = upper(e, sum);
  const sumLow = e.sub(m, e.sub(sumHigh, b));
  const rest = e.sub(e.sub(difference, e.mul(sHigh, sumHigh)), e.mul(sHigh, e.keep(sumLow)));
  const sLow = e.keep(e.mul(inverse, rest));
  const square = e.keep(e.mul(s, s));
  const tail = e.mul(e.mul(square, square), e.polynomial(square, series));
  const r = e.keep(e.add(tail, e.mul(sLow, e.add(sHigh, s))));
  const squareHigh = e.keep(e.mul(sHigh, sHigh));
  const factor = upper(e, e.add(e.add(e.number(3), squareHigh), r));
  const factorLow = e.keep(e.sub(r, e.sub(e.sub(factor, e.number(3)), squareHigh)));
  const u = e.keep(e.mul(sHigh, factor));
  const v = e.keep(e.add(e.mul(sLow, factor), e.mul(factorLow, s)));
  const p = upper(e, e.add(u, v));
  const pLow = e.keep(e.sub(v, e.sub(p, u)));
  const z = e.keep(e.mul(e.number(third.high), p));
  const correction = e.and(middle, e.number(log1p5.low));
  const low1 = e.add(e.mul(e.number(third.low), p), e.mul(pLow, e.number(third.all)));
  const zLow = e.keep(e.add(low1, correction));
  const offset = e.keep(e.and(middle, e.number(log1p5.high)));
  const high = upper(e, e.add(e.add(e.add(z, zLow), offset), n));
  const low = e.keep(e.sub(zLow, e.sub(e.sub(e.sub(high, n), offset), z)));
  return { high, low };
}

/** 2^(high + low), within a few thousand of 0. */
function binaryPower(e: Expressions, high: Vector, low: Vector): Vector {
  const biased = e.keep(e.add(e.add(high, low), rounder(e, pairBias(e))));
  const n = e.keep(e.sub(biased, rounder(e, pairBias(e))));
  const rest = e.keep(e.sub(high, n));
  const t = upper(e, e.add(low, rest));
  const u = e.keep(e.mul(t, e.number(ln2.high)));
  const lost = e.mul(e.sub(low, e.sub(t, rest)), e.number(ln2.all));
  const v = e.keep(e.add(lost, e.mul(t, e.number(ln2.low))));
  const z = e.keep(e.add(u, v));
  const w = e.keep(e.sub(v, e.sub(z, u)));
  const square = e.keep(e.mul(z, z));
  const t1 = e.keep(e.sub(z, e.mul(square, e.polynomial(square, fraction))));
  const r = e.sub(e.div(e.mul(z, t1), e.sub(t1, e.number(2))), e.add(w, e.mul(z, w)));
  return scale(e, e.keep(e.sub(e.number(1), e.sub(e.keep(r), z))), biased);
}

/** x^y for x >= 0 within an ulp or two, infinities included; NaN gives anything. */
export function magnitudePower(e: Expressions, x: Vector, y: Vector): Vector {
  const log = binaryLogarithm(e, x);
  // Beyond 2^70 every power but that of 1 is 0 or infinite.
  const bound = e.keep(e.float("pmax", e.float("pmin", y, e.number(2 ** 70)), e.number(-(2 ** 70))));
  const first = upper(e, bound);
  const low = e.keep(e.add(e.mul(e.sub(bound, first), log.high), e.mul(bound, log.low)));
  const high = e.keep(e.mul(first, log.high));
  const far = e.keep(e.compare("gt", e.unary("abs", high), e.number(2000)));
  const limited = e.keep(e.select(far, e.copysign(e.number(2000), high), high));
  const value = e.keep(binaryPower(e, limited, e.keep(e.andnot(low, far))));
  // 0 and infinity have no logarithm here.
  const grows = e.compare("gt", y, e.number(0));
  const zero = e.keep(e.compare("eq", x, e.number(0)));
  const infinite = e.keep(e.compare("eq", x, e.number(Infinity)));
  const toInfinity = e.xor(e.keep(grows), zero);
  const edge = e.and(e.keep(toInfinity), e.number(Infinity));
  return e.select(e.or(zero, infinite), edge, value);
}
