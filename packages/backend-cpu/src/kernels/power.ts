import type { Expressions, Vector } from "../emit/expression.ts";
import type { Local } from "../wasm/code.ts";
import { exponential } from "./exponential.ts";
import { inHalves, narrow } from "./halves.ts";
import { logarithm } from "./logarithm.ts";
import { magnitudePower } from "./power-float64.ts";
import { type Elementwise, elementwise } from "./rule.ts";

/** Integer powers wrap; negative exponents truncate toward zero, so that only 1 and -1 give anything but 0. */
function powerInt(e: Expressions, x: Vector, y: Vector): Vector {
  const { code } = e;
  const [power, factor] = [e.keepLocal(e.integer(1)), e.keepLocal(x)];
  const left = e.keepLocal(e.int("max_s", y, e.integer(0)));
  const of =
    (local: Local): Vector =>
    () =>
      code.get(local);
  const isOdd = (value: Vector): Vector => e.shift("shr_s", e.shift("shl", value, 31), 31);
  const product = e.op("i32x4.mul", of(power), of(factor));
  code.loop(() => {
    e.select(isOdd(of(left)), product, of(power))();
    code.set(power).get(factor).get(factor).op("i32x4.mul").set(factor);
    e.shift("shr_u", of(left), 1)();
    code.tee(left).op("v128.any_true").brIf(0);
  });
  const minus = e.op("i32x4.eq", x, e.integer(-1));
  const sign = e.or(isOdd(y), e.integer(1));
  const one = e.and(e.op("i32x4.eq", x, e.integer(1)), e.integer(1));
  return e.select(e.op("i32x4.lt_s", y, e.integer(0)), e.select(minus, sign, one), of(power));
}

type OfMagnitude = (e: Expressions, x: Vector, y: Vector) => Vector;

/** e^(y log x): what float32 needs of float64. */
const rough: OfMagnitude = (e, x, y) => exponential(e, e.keep(e.mul(y, e.keep(logarithm(e, x)))));

/** x^y in 64-bit lanes from that of |x|, with the special values of IEEE 754's pow. */
function power64(e: Expressions, x: Vector, y: Vector, ofMagnitude: OfMagnitude): Vector {
  const magnitude = e.keep(e.unary("abs", x));
  const value = e.keep(ofMagnitude(e, magnitude, y));
  const integer = e.keep(e.compare("eq", e.unary("nearest", y), y));
  // y is odd if y / 2 is not an integer.
  const halved = e.keep(e.mul(y, e.number(0.5)));
  const odd = e.and(integer, e.compare("ne", e.unary("floor", halved), halved));
  const signed = e.keep(e.xor(value, e.and(odd, e.and(x, e.signBit()))));
  const undefinedRoot = e.andnot(
    e.and(e.compare("lt", x, e.number(0)), e.compare("gt", x, e.number(-Infinity))),
    integer,
  );
  const unknown = e.or(e.or(e.compare("ne", x, x), e.compare("ne", y, y)), undefinedRoot);
  const real = e.keep(e.select(unknown, e.number(Number.NaN), signed));
  // 1 to any power, and -1 to an infinite one, are 1.
  const unit = e.and(
    e.compare("eq", magnitude, e.number(1)),
    e.compare("eq", e.unary("abs", y), e.number(Infinity)),
  );
  const one = e.or(e.or(unit, e.compare("eq", x, e.number(1))), e.compare("eq", y, e.number(0)));
  return e.select(one, e.number(1), real);
}

/** float32 goes through float64, which leaves only the last rounding. */
function power32(e: Expressions, x: Vector, y: Vector): Vector {
  const [power] = inHalves(e, "f64x2.promote_low_f32x4", [x, y], (wide, [base, exponent]) => [
    power64(wide, base!, exponent!, rough),
  ]);
  return narrow(e, power!);
}

export const power: Elementwise = elementwise({
  cost: 120,
  float: (e, x, y) => (e.shape === "f64x2" ? power64(e, x, y, magnitudePower) : power32(e, x, y)),
  int: powerInt,
});
