import type { Expressions, Vector } from "../emit/expression.ts";
import type { FunctionReference, Local } from "../wasm/code.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { roundsOnce } from "../wasm/probe.ts";
import { inHalves, lowWords, narrow } from "./halves.ts";
import { type Elementwise, elementwise } from "./rule.ts";
import { sine64 } from "./trigonometry-float64.ts";

/** Bits of 4/pi, as 32-bit windows 8 bits apart: what large arguments are reduced with. */
const digits = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041n;
const windows = Array.from({ length: 24 }, (_, i) =>
  Number(((digits << 32n) >> BigInt(192 + 32 - 8 * (i + 1))) & 0xffffffffn),
);

/** Up to here the reduction in lanes is right; arguments beyond it are reduced one by one. */
const nearLimit = 2 ** 17;
/** pi/2 in three float32, and in two float64 of which the first has 33 bits. */
const parts32 = [1.5707963705062866, -4.371138828673793e-8, -1.7151245100058819e-15] as const;
const parts64 = [1.57079632673412561417, 6.07710050650619224932e-11] as const;
/** sin r = r + r^3 S(r^2) and cos r = 1 - r^2 / 2 + r^4 C(r^2) for |r| <= pi/4: minimax, relative. */
const sine = [-1.951520584785359e-4, 8.332160203697005e-3, -1.6666654600919456e-1];
const cosine = [2.4433072979215473e-5, -1.3887315533466726e-3, 4.166664566848917e-2, -0.5, 1];

/** x = n pi/2 + r. */
interface Reduced {
  readonly r: Local;
  /** The low bits of the lanes hold n, plus what was asked for. */
  readonly n: Local;
}

const magic = { f32x4: 1.5 * 2 ** 23, f64x2: 1.5 * 2 ** 52 } as const;

/** Cody-Waite reduction: each product is subtracted before it is rounded. */
function reduceFused(e: Expressions, x: Vector, add: number): Reduced {
  const round = e.number(magic.f32x4 + add);
  const n = e.keepLocal(e.mad(x, e.number(2 / Math.PI), round));
  const count = e.keep(e.sub(() => e.code.get(n), round));
  let rest = x;
  for (const part of parts32) rest = e.keep(e.nmad(count, e.number(part), rest));
  return { r: e.keepLocal(rest), n };
}

/** The same in float64, where a product of n and the first part has no more bits than there are. */
function reduceWide(e: Expressions, x: Vector, add: number): Reduced {
  const [r, n] = inHalves(e, "f64x2.promote_low_f32x4", [x], (w, [part]) => {
    const round = w.number(magic.f64x2 + add);
    const sum = w.keep(w.add(w.mul(part!, w.number(2 / Math.PI)), round));
    const count = w.keep(w.sub(sum, round));
    const rest = parts64.reduce((left, by) => w.sub(left, w.mul(count, w.number(by))), part!);
    return [rest, sum];
  });
  return { r: e.keepLocal(narrow(e, r!)), n: e.keepLocal(lowWords(e, n!)) };
}

/** sin of float32 lanes, of x + `quarters` pi/2. */
function sineOf(e: Expressions, x: Vector, quarters: 0 | 1): Vector {
  const magnitude = e.keep(e.unary("abs", x));
  const reduced =
    e.fma && roundsOnce() ? reduceFused(e, magnitude, quarters) : reduceWide(e, magnitude, quarters);
  const far = e.compare("gt", magnitude, e.number(nearLimit));
  e.replace(far, farOf(e.module, quarters), magnitude, [reduced.r, reduced.n]);
  const [r, n]: [Vector, Vector] = [() => e.code.get(reduced.r), () => e.code.get(reduced.n)];
  const square = e.keep(e.mul(r, r));
  const cube = e.keep(e.mul(square, r));
  const odd = e.keep(e.shift("shr_s", e.shift("shl", n, 31), 31));
  const value = e.select(odd, e.polynomial(square, cosine), e.mad(e.polynomial(square, sine), cube, r));
  // Two quarter turns change the sign; sin is odd, and has that of x, -0 included.
  const turned = e.shift("shl", n, 30);
  return e.xor(value, e.and(quarters === 0 ? e.xor(turned, x) : turned, e.signBit()));
}

/** Four arguments to r and n plus `add`, one after the other. */
function farOf(module: ModuleBuilder, add: number): FunctionReference {
  const reduce = farLane(module);
  return module.shared(
    `far.f32x4.${add}`,
    ["v128"],
    (code) => {
      const [r, n] = [code.local("v128"), code.local("v128")];
      const [rest, count] = [code.local("f32"), code.local("i32")];
      for (let i = 0; i < 4; i++) {
        code.get(0).lane("f32x4.extract_lane", i).call(reduce).set(count).set(rest);
        code.get(r).get(rest).lane("f32x4.replace_lane", i).set(r);
        code.get(n).get(count).i32(add).op("i32.add").lane("i32x4.replace_lane", i).set(n);
      }
      code.get(r).get(n);
    },
    ["v128", "v128"],
  );
}

/**
 * One positive float32 to r and n: the mantissa times the bits of 4/pi that matter, as ARM's optimized routines do
 * (Payne and Hanek, 1983). Infinity gives NaN.
 */
function farLane(module: ModuleBuilder): FunctionReference {
  const window = windowOf(module);
  return module.shared(
    "far.f32",
    ["f32"],
    (code) => {
      const [bits, n] = [code.local("i32"), code.local("i32")];
      const [mantissa, sum] = [code.local("i64"), code.local("i64")];
      code.get(0).op("i32.reinterpret_f32").set(bits);
      code.get(bits).i32(0xffffff).op("i32.and").i32(0x800000).op("i32.or");
      code.get(bits).i32(23).op("i32.shr_u").i32(7).op("i32.and").op("i32.shl");
      code.op("i64.extend_i32_u").set(mantissa);
      const part = (i: number): void => {
        code.get(mantissa).get(bits).i32(26).op("i32.shr_u").i32(15).op("i32.and").i32(i).op("i32.add");
        code.call(window).op("i64.extend_i32_u").op("i64.mul");
      };
      part(0);
      code.i64(32n).op("i64.shl");
      part(8);
      code.i64(32n).op("i64.shr_u").op("i64.or");
      part(4);
      code.op("i64.add").set(sum);
      code
        .get(sum)
        .i64(1n << 61n)
        .op("i64.add");
      code.i64(62n).op("i64.shr_u").op("i32.wrap_i64").set(n);
      code.get(sum).get(n).op("i64.extend_i32_u").i64(62n).op("i64.shl").op("i64.sub");
      code
        .op("f64.convert_i64_s")
        .f64(Math.PI * 2 ** -63)
        .op("f64.mul");
      code.op("f32.demote_f64");
      // Infinity minus itself is NaN; anything else finite is 0.
      code.get(0).get(0).op("f32.sub").op("f32.add").get(n);
    },
    ["f32", "i32"],
  );
}

/** A table as a chain of selections: arguments this large are rare, and the module needs no data then. */
function windowOf(module: ModuleBuilder): FunctionReference {
  return module.shared(
    "window",
    ["i32"],
    (code) => {
      code.i32(windows[0]! | 0);
      for (let i = 1; i < windows.length; i++) {
        const value = code.local("i32");
        code
          .set(value)
          .i32(windows[i]! | 0)
          .get(value)
          .get(0)
          .i32(i)
          .op("i32.eq")
          .select();
        code.release(value);
      }
    },
    ["i32"],
  );
}

export const sin: Elementwise = elementwise({
  cost: 110,
  float: (e, x) => (e.shape === "f64x2" ? sine64(e, x, 0) : sineOf(e, x, 0)),
});
export const cos: Elementwise = elementwise({
  cost: 110,
  float: (e, x) => (e.shape === "f64x2" ? sine64(e, x, 1) : sineOf(e, x, 1)),
});
