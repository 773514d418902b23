import type { Expressions, Vector } from "../emit/expression.ts";
import { type Elementwise, elementwise } from "./rule.ts";

/** Adding it rounds to an integer that then stands in the low bits: 1.5 * 2^(mantissa bits). */
const magic = { f32x4: 1.5 * 2 ** 23, f64x2: 1.5 * 2 ** 52 } as const;
const mantissaBits = { f32x4: 23, f64x2: 52 } as const;
const exponentBias = { f32x4: 127, f64x2: 1023 } as const;
const ln2 = {
  f32x4: { high: 0.693359375, low: -2.1219444e-4 },
  f64x2: { high: 6.9314718036912381649e-1, low: 1.90821492927058770002e-10 },
} as const;
/** e^r = 1 + r + r^2 P(r) for |r| <= ln(2)/2: minimax for e^r - 1, relative; the Taylor series for float64. */
const tails = {
  f32x4: [1.3882497e-3, 8.3666468e-3, 4.1667204e-2, 1.66665427e-1, 4.9999998e-1],
  f64x2: [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((n) => 1 / factorial(n)),
} as const;

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

interface Reduced {
  /** x = n ln(2) + r. */
  readonly r: Vector;
  /** The low bits of the lanes hold n plus the bias. */
  readonly biased: Vector;
}

/** What rounds a sum with n to an integer and adds the bias to it. */
export function rounder(e: Expressions, bias: number): Vector {
  return e.number(magic[e.shape] + bias);
}

/** The bias for `scale`: that of two factors. */
export function pairBias(e: Expressions): number {
  return 2 * exponentBias[e.shape];
}

/** Cody-Waite reduction. NaN passes through r; x must be within the exponents that the factors of 2^n take. */
function reduce(e: Expressions, x: Vector, bias: number): Reduced {
  const biased = e.keep(e.mad(x, e.number(Math.LOG2E), rounder(e, bias)));
  const n = e.keep(e.sub(biased, rounder(e, bias)));
  const { high, low } = ln2[e.shape];
  const r = e.keep(e.nmad(n, e.number(high), x));
  return { r: e.keep(e.nmad(n, e.number(low), r)), biased };
}

/** 2^n for a result that is normal, from n plus the exponent's bias. */
function power2(e: Expressions, biased: Vector): Vector {
  return e.shift("shl", biased, mantissaBits[e.shape]);
}

/** 2^n as the product of two normal numbers, from n plus twice the exponent's bias. */
function factors(e: Expressions, biased: Vector): readonly [Vector, Vector] {
  const bits = mantissaBits[e.shape];
  const exponent = e.shape === "f32x4" ? e.bits(0x7f800000) : e.bits(0x7ff00000);
  const half = e.keep(e.and(e.shift("shl", biased, bits - 1), exponent));
  const difference = e.shape === "f32x4" ? "i32x4.sub" : "i64x2.sub";
  return [half, e.keep(e.op(difference, e.shift("shl", biased, bits), half))];
}

/** y * 2^n in two factors, so that results that overflow or are denormal come out right. */
export function scale(e: Expressions, y: Vector, biased: Vector): Vector {
  const [half, rest] = factors(e, biased);
  return e.mul(e.keep(e.mul(y, half)), rest);
}

/** x within the limits; NaN stays NaN, as pmin and pmax keep their first operand then. */
function clamp(e: Expressions, x: Vector, low: number, high: number): Vector {
  return e.keep(e.float("pmin", e.keep(e.float("pmax", x, e.number(low))), e.number(high)));
}

function limits<T>(e: Expressions, single: T, double: T): T {
  return e.shape === "f32x4" ? single : double;
}

/** e^r for a reduced r. */
function near1(e: Expressions, r: Vector): Vector {
  return e.polynomial(r, [...tails[e.shape], 1, 1]);
}

/** e^r - 1 for a reduced r. */
function near0(e: Expressions, r: Vector): Vector {
  const square = e.keep(e.mul(r, r));
  return e.keep(e.mad(e.polynomial(r, tails[e.shape]), square, r));
}

/** e^x. */
export function exponential(e: Expressions, x: Vector): Vector {
  const [low, high] = limits(e, [-104, 89], [-746, 710]);
  const { r, biased } = reduce(e, clamp(e, x, low, high), pairBias(e));
  return scale(e, e.keep(near1(e, r)), biased);
}

/** So many powers of two that the exponents of all results are normal with them. */
const raised = { f32x4: 64, f64x2: 512 } as const;

/** e^x for x <= 0: raised by some powers of two, which the last multiplication takes away; it rounds what is denormal. */
export function exponentialBelow0(e: Expressions, x: Vector): Vector {
  const low = e.keep(e.float("pmax", x, e.number(limits(e, -104, -746))));
  const { r, biased } = reduce(e, low, exponentBias[e.shape] + raised[e.shape]);
  const power = e.keep(power2(e, biased));
  return e.mul(e.keep(e.mul(e.keep(near1(e, r)), power)), e.number(2 ** -raised[e.shape]));
}

/** e^x - 1 = 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)): no part overflows, nor do they cancel. */
function exponentialMinus1(e: Expressions, x: Vector): Vector {
  const [low, high] = limits(e, [-18, 89], [-40, 710]);
  const { r, biased } = reduce(e, clamp(e, x, low, high), exponentBias[e.shape] - 1);
  const power = e.keep(power2(e, biased));
  const half = e.keep(e.mad(power, near0(e, r), e.sub(power, e.number(0.5))));
  // Halves of denormal numbers would lose their last bit, and -0 its sign.
  const tiny = e.compare("lt", e.unary("abs", x), e.number(limits(e, 2 ** -64, 2 ** -512)));
  return e.select(e.keep(tiny), x, e.add(half, half));
}

/**
 * 1 / (1 + e^-x) = 2^n / (2^n + (e^-r - 1) + 1): no overflow, and denormal results far below 0. In this order the
 * sum is as good as rounded once.
 */
function logistic(e: Expressions, x: Vector): Vector {
  const [low, high] = limits(e, [-104, 30], [-746, 40]);
  const { r, biased } = reduce(e, clamp(e, x, low, high), pairBias(e));
  const [half, rest] = factors(e, biased);
  const series = e.polynomial(r, alternate(tails[e.shape]));
  const negated = e.keep(e.nmad(series, e.keep(e.mul(r, r)), r));
  const below = e.keep(e.add(e.sub(e.mul(half, rest), negated), e.number(1)));
  return e.mul(e.keep(e.div(half, below)), rest);
}

/** The coefficients of P(-r). */
function alternate(coefficients: readonly number[]): readonly number[] {
  return coefficients.map((c, i) => ((coefficients.length - i) % 2 === 0 ? -c : c));
}

/** -t / (t + 2) with t = e^(-2|x|) - 1, which is nearest to 0 where the quotient must be most exact. */
function hyperbolicTangent(e: Expressions, x: Vector): Vector {
  const magnitude = e.keep(e.float("pmin", e.unary("abs", x), e.number(limits(e, 10, 22))));
  const { r, biased } = reduce(e, e.keep(e.mul(magnitude, e.number(-2))), exponentBias[e.shape]);
  const power = e.keep(power2(e, biased));
  const small = e.keep(near0(e, r));
  const above = e.keep(e.nmad(power, small, e.sub(e.number(1), power)));
  const below = e.keep(e.mad(power, small, e.add(e.number(1), power)));
  return e.or(e.div(above, below), e.and(x, e.signBit()));
}

export const exp: Elementwise = elementwise({
  cost: 19,
  float: exponential,
  nonPositive: elementwise({ cost: 15, float: exponentialBelow0 }),
});
export const expm1: Elementwise = elementwise({ cost: 21, float: exponentialMinus1 });
export const sigmoid: Elementwise = elementwise({ cost: 20, float: logistic });
export const tanh: Elementwise = elementwise({ cost: 20, float: hyperbolicTangent });
