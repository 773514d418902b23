import type { Expressions, Vector } from "../emit/expression.ts";

/** Rounds f32x4 to half-precision values, ties to even; float16 lives in float32 lanes. */
export function roundHalf(e: Expressions, x: Vector): Vector {
  const bits = e.keep(e.and(x, e.integer(0x7fffffff)));
  // Normal results drop 13 bits: half of the last kept bit, less one where that bit is even, carries the rest.
  const odd = e.and(e.shift("shr_u", bits, 13), e.integer(1));
  const rounded = e.keep(e.and(e.int("add", e.int("add", bits, e.integer(0xfff)), odd), e.integer(~0x1fff)));
  // Below 2^-14 the step is 2^-24, the last place of 0.5: adding that rounds.
  const small = e.sub(e.add(bits, e.number(0.5)), e.number(0.5));
  const finite = e.keep(e.select(e.compare("lt", bits, e.number(2 ** -14)), small, rounded));
  const overflow = e.compare("ge", bits, e.number(65520));
  const magnitude = e.keep(e.select(overflow, e.number(Infinity), finite));
  return e.select(e.compare("ne", x, x), x, e.copysign(magnitude, x));
}
