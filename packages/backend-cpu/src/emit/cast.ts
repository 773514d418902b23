import type { DType } from "@polykeras/core";
import { roundHalf } from "../kernels/half.ts";
import type { Local } from "../wasm/code.ts";
import { Expressions, type Target, type Vector } from "./expression.ts";
import { type Lanes, kindOf } from "./lanes.ts";

const lowest = -0x80000000;

/** The elements in another dtype, in locals of their own. */
export function castLanes(target: Target, x: Lanes, from: DType, to: DType): Lanes {
  const { code } = target;
  const kind = kindOf(to);
  const e = new Expressions(target, "f32x4");
  const wide = new Expressions(target, "f64x2");
  const get =
    (local: Local): Vector =>
    () =>
      code.get(local);
  const low = get(x.parts[0]!);
  const put = (value: Vector): Local => {
    const local = code.local("v128");
    value();
    code.set(local);
    e.done();
    wide.done();
    return local;
  };
  const one = (value: Vector): Lanes => ({ kind, parts: [put(value)], shared: false });
  /** A conversion of the two lower lanes, for both halves. */
  const two = (convert: (half: Vector) => Vector): Lanes => {
    const high: Vector = () => code.get(x.parts[0]!).get(x.parts[0]!).shuffle32([2, 3, 0, 1]);
    return { kind, parts: [put(convert(low)), put(convert(high))], shared: false };
  };
  const join =
    (a: Vector, b: Vector): Vector =>
    () => {
      a();
      b();
      code.shuffle32([0, 1, 4, 5]);
    };
  const toBytes = (value: Vector): Vector => (to === "uint8" ? e.and(value, e.integer(255)) : value);

  if (x.kind === "f32") {
    if (kind === "f32") return one(to === "float16" && from !== "float16" ? roundHalf(e, low) : low);
    if (kind === "f64") return two((half) => e.op("f64x2.promote_low_f32x4", half));
    if (kind === "mask") return one(e.compare("ne", low, e.number(0)));
    const fits = e.and(e.compare("ge", low, e.number(lowest)), e.compare("lt", low, e.number(-lowest)));
    return one(toBytes(e.select(fits, e.op("i32x4.trunc_sat_f32x4_s", low), e.integer(lowest))));
  }
  if (x.kind === "f64") {
    const high = get(x.parts[1]!);
    if (kind === "f64") return { kind, parts: [put(low), put(high)], shared: false };
    const mask =
      (test: (half: Vector) => Vector): Vector =>
      () => {
        test(low)();
        test(high)();
        code.shuffle32([0, 2, 4, 6]);
      };
    if (kind === "mask") return one(mask((half) => wide.compare("ne", half, wide.number(0))));
    if (kind === "f32") {
      if (to !== "float16")
        return one(join(e.op("f32x4.demote_f64x2_zero", low), e.op("f32x4.demote_f64x2_zero", high)));
      const odd = (half: Vector): Vector => e.op("f32x4.demote_f64x2_zero", toOdd(wide, half));
      return one(roundHalf(e, e.keep(join(odd(low), odd(high)))));
    }
    const fits = mask((half) =>
      // Values down to -2^31 - 1 (exclusive) truncate to -2^31.
      wide.and(
        wide.compare("gt", half, wide.number(lowest - 1)),
        wide.compare("lt", half, wide.number(-lowest)),
      ),
    );
    const whole = join(e.op("i32x4.trunc_sat_f64x2_s_zero", low), e.op("i32x4.trunc_sat_f64x2_s_zero", high));
    return one(toBytes(e.select(fits, whole, e.integer(lowest))));
  }
  if (x.kind === "i32") {
    if (kind === "f32") {
      const value = e.op("f32x4.convert_i32x4_s", low);
      return one(to === "float16" ? roundHalf(e, e.keep(value)) : value);
    }
    if (kind === "f64") return two((half) => e.op("f64x2.convert_low_i32x4_s", half));
    if (kind === "mask") return one(e.op("i32x4.ne", low, e.integer(0)));
    return one(from === "uint8" ? low : toBytes(low));
  }
  if (kind === "f32") return one(e.and(low, e.number(1)));
  if (kind === "i32") return one(e.and(low, e.integer(1)));
  if (kind === "mask") return one(low);
  const halves = (["i64x2.extend_low_i32x4_s", "i64x2.extend_high_i32x4_s"] as const).map((widen) =>
    put(wide.and(e.op(widen, low), wide.number(1))),
  );
  return { kind, parts: halves, shared: false };
}

/**
 * Clears the lower 29 bits and sets the last one kept if any was set: rounding the result to half precision
 * through float32 then rounds once.
 */
function toOdd(e: Expressions, x: Vector): Vector {
  const pattern =
    (high: number, low: number): Vector =>
    () =>
      e.code.i32x4(low, high, low, high);
  const kept = e.and(x, pattern(-1, ~0x1fffffff));
  const exact = e.op("i64x2.eq", e.and(x, pattern(0, 0x1fffffff)), pattern(0, 0));
  const sticky = e.andnot(pattern(0, 0x20000000), exact);
  const finite = e.compare("lt", e.unary("abs", x), e.number(Infinity));
  return e.select(finite, e.or(kept, sticky), x);
}
