import type { Expressions, Vector } from "../emit/expression.ts";
import { exponentialBelow0 } from "./exponential.ts";
import { type Elementwise, elementwise } from "./rule.ts";

const cephes = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];
/** fdlibm's e_log.c, highest power first. */
const fdlibm = [
  1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1,
  2.857142874366239149e-1, 3.999999999940941908e-1, 6.66666666666673513e-1,
];

/** 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); n as a float. */
interface Parts {
  readonly n: Vector;
  readonly f: Vector;
}

/** The parts of a positive finite x. */
function split(e: Expressions, x: Vector): Parts {
  const single = e.shape === "f32x4";
  const shiftBits = single ? 23 : 52;
  const denormal = e.keep(e.compare("lt", x, e.number(single ? 2 ** -126 : 2 ** -1022)));
  const normal = e.keep(e.select(denormal, e.mul(x, e.number(2 ** shiftBits)), x));
  // Subtracting the bits of sqrt(1/2) makes the exponent field the wanted n.
  const root = single ? e.bits(0x3f3504f3) : e.bits(0x3fe6a09e, 0x667f3bcd);
  const difference = e.keep(e.op(single ? "i32x4.sub" : "i64x2.sub", normal, root));
  const exponent = e.keep(e.shift("shr_s", difference, shiftBits));
  const mantissa = e.op(single ? "i32x4.sub" : "i64x2.sub", normal, e.shift("shl", exponent, shiftBits));
  const f = e.keep(e.sub(mantissa, e.number(1)));
  const count = single
    ? e.op("f32x4.convert_i32x4_s", exponent)
    : // A 64-bit integer below 2^51 as a float: add the bits of the magic number, then take the number away.
      e.sub(e.op("i64x2.add", exponent, e.number(1.5 * 2 ** 52)), e.number(1.5 * 2 ** 52));
  const n = e.keep(e.sub(count, e.and(denormal, e.number(shiftBits))));
  return { n, f };
}

/** n log(2) + log(1 + f). */
function logarithmOf(e: Expressions, { n, f }: Parts): Vector {
  const square = e.keep(e.mul(f, f));
  if (e.shape === "f32x4") {
    const tail = e.mul(e.mul(e.polynomial(f, cephes), square), f);
    const low = e.keep(e.mad(n, e.number(-2.1219444e-4), tail));
    const y = e.nmad(square, e.number(0.5), low);
    return e.mad(n, e.number(0.693359375), e.add(f, y));
  }
  const s = e.keep(e.div(f, e.add(f, e.number(2))));
  const z = e.keep(e.mul(s, s));
  const r = e.mul(z, e.polynomial(z, fdlibm));
  const half = e.keep(e.mul(square, e.number(0.5)));
  const tail = e.mad(s, e.add(half, r), e.mul(n, e.number(1.90821492927058770002e-10)));
  return e.mad(n, e.number(6.9314718036912381649e-1), e.sub(f, e.sub(half, tail)));
}

/** log(x) with its special values: -inf at 0, NaN below, inf and NaN as they are. */
export function logarithm(e: Expressions, x: Vector): Vector {
  const value = e.keep(logarithmOf(e, split(e, x)));
  const infinite = e.float("mul", x, x);
  const edge = e.select(e.compare("eq", x, e.number(0)), e.number(-Infinity), e.number(Number.NaN));
  const ordinary = e.keep(e.and(e.compare("gt", x, e.number(0)), e.compare("lt", x, e.number(Infinity))));
  const rest = e.select(e.compare("gt", x, e.number(0)), infinite, edge);
  return e.select(ordinary, value, rest);
}

/** log(u) + c / u, where u = 1 + x rounded and c what the rounding lost. */
function logarithmPlus1(e: Expressions, x: Vector): Vector {
  const u = e.keep(e.add(x, e.number(1)));
  const above = e.sub(e.number(1), e.sub(u, x));
  const below = e.sub(x, e.sub(u, e.number(1)));
  const lost = e.select(e.compare("ge", x, e.number(1)), above, below);
  const correction = e.keep(e.div(lost, u));
  const main = e.keep(logarithm(e, u));
  const ordinary = e.and(e.compare("gt", u, e.number(0)), e.compare("lt", u, e.number(Infinity)));
  // The result has the sign of x; below -1 main is NaN, whose sign is nobody's.
  return e.copysign(e.keep(e.select(ordinary, e.add(main, correction), main)), x);
}

/** log(1 + e^x) = max(x, 0) + log(1 + t), where t = e^-|x| is at most 1: its parts are known without looking. */
function softplusOf(e: Expressions, x: Vector): Vector {
  const t = e.keep(exponentialBelow0(e, e.keep(e.negate(e.unary("abs", x)))));
  const large = e.keep(e.compare("gt", t, e.number(Math.SQRT2 - 1)));
  const halved = e.keep(e.mul(e.sub(t, e.number(1)), e.number(0.5)));
  const parts = { n: e.keep(e.and(large, e.number(1))), f: e.keep(e.select(large, halved, t)) };
  return e.add(e.float("pmax", x, e.number(0)), e.keep(logarithmOf(e, parts)));
}

export const log: Elementwise = elementwise({ cost: 30, float: logarithm });
export const log1p: Elementwise = elementwise({ cost: 40, float: logarithmPlus1 });
export const softplus: Elementwise = elementwise({ cost: 40, float: softplusOf });
