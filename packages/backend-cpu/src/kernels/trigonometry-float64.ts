import type { Expressions, Vector } from "../emit/expression.ts";
import type { Code, FunctionReference, Local } from "../wasm/code.ts";
import type { ModuleBuilder } from "../wasm/module.ts";

/** The first 1184 bits of 2 / pi: as many as the largest float64 needs. */
const digits =
  0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046n;
const limbs = 1184 / 32;

/** pi / 2 in three parts of 33 bits, and what is left of it after each. */
const parts = [
  [1.57079632673412561417, 6.07710050650619224932e-11],
  [6.0771005063039659766e-11, 2.02226624879595063154e-21],
  [2.0222662487111664558e-21, 8.47842766036889956997e-32],
] as const;
const halfPi = { high: 1.5707963267948966, low: 6.123233995736766e-17 };

/** fdlibm's k_sin.c and k_cos.c, highest power first. */
const sine = [
  1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6,
  -1.98412698298579493134e-4, 8.33333333332248946124e-3,
];
const sineFirst = -1.66666666666666324348e-1;
const cosine = [
  -1.13596475577881948265e-11, 2.0875723212981748279e-9, -2.75573143513906633035e-7,
  2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2,
];

/** Adding it rounds to an integer that then stands in the low bits. */
const magic = 1.5 * 2 ** 52;
/** Up to this the number of quarter turns times each part of pi / 2 is exact. */
const nearLimit = 2 ** 20;

/** sin of float64 lanes, of x + `quarters` pi/2: x = n pi/2 + y with y in two parts, then fdlibm's polynomials. */
export function sine64(e: Expressions, x: Vector, quarters: 0 | 1): Vector {
  const { code } = e;
  const magnitude = e.keep(e.unary("abs", x));
  const near = reduceNear(e, magnitude, quarters);
  const [high, low, n] = near.map((part) => e.keepLocal(part));
  const far = e.compare("gt", magnitude, e.number(nearLimit));
  e.replace(far, farOf(e.module, quarters), magnitude, [high!, low!, n!]);
  const y = { high: (): void => void code.get(high!), low: (): void => void code.get(low!) };
  const count: Vector = () => code.get(n!);
  const square = e.keep(e.mul(y.high, y.high));
  const odd = e.keep(e.op("i64x2.eq", e.and(count, e.bits(0, 1)), e.bits(0, 1)));
  const value = e.select(odd, e.keep(cosineOf(e, y, square)), e.keep(sineOf(e, y, square)));
  // Two quarter turns change the sign; sin is odd, and has that of x, -0 included.
  const turned = e.shift("shl", count, 62);
  return e.xor(value, e.and(quarters === 0 ? e.xor(turned, x) : turned, e.signBit()));
}

interface Pair {
  readonly high: Vector;
  readonly low: Vector;
}

/** Takes n pi/2 off in three steps, each of which is exact but for its last part; n is in the low bits of the third. */
function reduceNear(e: Expressions, x: Vector, add: number): readonly [Vector, Vector, Vector] {
  const round = e.number(magic + add);
  const n = e.keep(e.add(e.mul(x, e.number(2 / Math.PI)), round));
  const count = e.keep(e.sub(n, round));
  let [rest, lost] = [x, x];
  for (const [part, left] of parts) {
    // rest - count * part, and what this rounds away beside what later parts take.
    const product = e.keep(e.mul(count, e.number(part)));
    const before = rest;
    rest = e.keep(e.sub(before, product));
    lost = e.keep(e.sub(e.mul(count, e.number(left)), e.sub(e.sub(before, rest), product)));
  }
  const high = e.keep(e.sub(rest, lost));
  return [high, e.sub(e.sub(rest, high), lost), n];
}

/** Two arguments to both parts of y, and to a number whose low bits hold n plus `add`, one after the other. */
function farOf(module: ModuleBuilder, add: number): FunctionReference {
  const limb = limbOf(module);
  const reduce = module.shared("far.f64", ["f64"], (code) => reduceFar(code, limb), ["f64", "f64", "i32"]);
  return module.shared(
    `far.f64x2.${add}`,
    ["v128"],
    (code) => {
      const results = [0, 1, 2].map(() => code.local("v128"));
      const [high, low, n] = [code.local("f64"), code.local("f64"), code.local("i32")];
      for (let i = 0; i < 2; i++) {
        code.get(0).lane("f64x2.extract_lane", i).call(reduce).set(n).set(low).set(high);
        const counted = (): Code =>
          code
            .get(n)
            .op("f64.convert_i32_s")
            .f64(magic + add)
            .op("f64.add");
        for (const [r, value] of [() => code.get(high), () => code.get(low), counted].entries()) {
          code.get(results[r]!);
          value().lane("f64x2.replace_lane", i).set(results[r]!);
        }
      }
      for (const result of results) code.get(result);
    },
    ["v128", "v128", "v128"],
  );
}

/** Limbs of 32 bits that are multiplied, and the first column of the product that is kept. */
const width = 8;
const firstColumn = 2;

/**
 * A positive float64 to y and n: the mantissa times the bits of 2/pi that matter (Payne and Hanek, 1983). Of the
 * fraction 160 bits are kept, of which at most 62 cancel. Infinity gives NaN.
 */
function reduceFar(code: Code, limb: FunctionReference): void {
  const x = 0;
  const n = code.local("i32");
  const y = { high: code.local("f64"), low: code.local("f64") };
  const [bits, carry] = [code.local("i64"), code.local("i64")];
  const [exponent, shift] = [code.local("i32"), code.local("i32")];
  code.get(x).op("i64.reinterpret_f64").set(bits);
  // x = mantissa * 2^exponent.
  code.get(bits).i64(52n).op("i64.shr_u").op("i32.wrap_i64").i32(1075).op("i32.sub").set(exponent);
  code.get(bits).i64(0xfffffffffffffn).op("i64.and").i64(0x10000000000000n).op("i64.or").set(bits);
  code.get(exponent).i32(31).op("i32.and").set(shift);
  code.get(exponent).i32(5).op("i32.shr_s").set(exponent);
  // The mantissa, shifted by the exponent's remainder: three limbs.
  const low32 = (): Code => code.i64(0xffffffffn).op("i64.and");
  const mantissa = [0, 1, 2].map(() => code.local("i64"));
  const shifted = (): Code => code.get(shift).op("i64.extend_i32_u").op("i64.shl");
  code.get(bits);
  low32();
  shifted().set(mantissa[0]!);
  code.get(bits).i64(32n).op("i64.shr_u");
  shifted().get(mantissa[0]!).i64(32n).op("i64.shr_u").op("i64.add").set(mantissa[1]!);
  code.get(mantissa[1]!).i64(32n).op("i64.shr_u").set(mantissa[2]!);
  for (const part of mantissa.slice(0, 2)) {
    code.get(part);
    low32().set(part);
  }
  // Limbs of 2/pi, the least significant first; two of zeros stand before its first one.
  const factors = Array.from({ length: width }, (_, i) => {
    const local = code.local("i64");
    code
      .get(exponent)
      .i32(width - i)
      .op("i32.add")
      .call(limb)
      .op("i64.extend_i32_u")
      .set(local);
    return local;
  });
  const columns = new Map<number, Local>();
  code.i64(0n).set(carry);
  const product = code.local("i64");
  for (let column = firstColumn; column < width; column++) {
    const [sum, above] = [code.local("i64"), code.local("i64")];
    code.get(carry).set(sum).i64(0n).set(above);
    for (const [i, part] of mantissa.entries()) {
      const factor = factors[column - i];
      if (factor === undefined) continue;
      code.get(part).get(factor).op("i64.mul").set(product);
      code.get(product);
      low32().get(sum).op("i64.add").set(sum);
      code.get(product).i64(32n).op("i64.shr_u").get(above).op("i64.add").set(above);
    }
    code.get(sum).i64(32n).op("i64.shr_u").get(above).op("i64.add").set(carry);
    code.get(sum);
    low32().set(sum);
    columns.set(column, sum);
    code.release(above);
  }
  const column = (i: number): Code => code.get(columns.get(i)!);
  // The nearest integer: half and more belong to the next one, which makes the fraction negative.
  column(width - 1).op("i32.wrap_i64");
  column(width - 2)
    .i64(31n)
    .op("i64.shr_u")
    .op("i32.wrap_i64")
    .op("i32.add")
    .set(n);
  const [first, term, tail] = [code.local("f64"), code.local("f64"), code.local("f64")];
  column(width - 2)
    .op("i32.wrap_i64")
    .op("f64.convert_i32_s")
    .f64(2 ** -32)
    .op("f64.mul")
    .set(first);
  column(width - 3)
    .op("f64.convert_i64_s")
    .f64(2 ** -64)
    .op("f64.mul")
    .set(term);
  code.get(first).get(term).op("f64.add").set(y.high);
  code.get(term).get(y.high).get(first).op("f64.sub").op("f64.sub").set(tail);
  for (const [i, scale] of [
    [width - 4, 2 ** -96],
    [width - 5, 2 ** -128],
  ] as const)
    column(i).op("f64.convert_i64_s").f64(scale).op("f64.mul").get(tail).op("f64.add").set(tail);
  code.get(y.high).get(tail).op("f64.add").set(first);
  code.get(tail).get(first).get(y.high).op("f64.sub").op("f64.sub").set(tail);
  timesHalfPi(code, first, tail, y);
  // Infinity minus itself is NaN; anything finite gives 0.
  code.get(y.high).get(x).get(x).op("f64.sub").op("f64.add").get(y.low).get(n);
}

/** y = (high + low) pi/2; the product of the high parts is exact, as Dekker splits it. */
function timesHalfPi(
  code: Code,
  high: Local,
  low: Local,
  y: { readonly high: Local; readonly low: Local },
): void {
  const split = (value: number): readonly [number, number] => {
    const upper = 134217729 * value - (134217729 * value - value);
    return [upper, value - upper];
  };
  const [piHigh, piLow] = split(halfPi.high);
  const [upper, lower, product] = [0, 1, 2].map(() => code.local("f64"));
  code.get(high).f64(134217729).op("f64.mul").tee(upper!);
  code.get(upper!).get(high).op("f64.sub").op("f64.sub").set(upper!);
  code.get(high).get(upper!).op("f64.sub").set(lower!);
  code.get(high).f64(halfPi.high).op("f64.mul").set(product!);
  code.get(upper!).f64(piHigh).op("f64.mul").get(product!).op("f64.sub");
  code.get(upper!).f64(piLow).op("f64.mul").op("f64.add");
  code.get(lower!).f64(piHigh).op("f64.mul").op("f64.add");
  code.get(lower!).f64(piLow).op("f64.mul").op("f64.add");
  code.get(high).f64(halfPi.low).op("f64.mul").op("f64.add");
  code.get(low).f64(halfPi.high).op("f64.mul").op("f64.add").set(lower!);
  code.get(product!).get(lower!).op("f64.add").set(y.high);
  code.get(lower!).get(y.high).get(product!).op("f64.sub").op("f64.sub").set(y.low);
  for (const local of [upper, lower, product]) code.release(local!);
}

/** x - ((z (y/2 - v r) - y) - v S1) with z = x^2 and v = z x, where x + y is the argument. */
function sineOf(e: Expressions, { high, low }: Pair, square: Vector): Vector {
  const v = e.keep(e.mul(square, high));
  const tail = e.mul(v, e.polynomial(square, sine));
  const inner = e.sub(e.mul(square, e.sub(e.mul(low, e.number(0.5)), tail)), low);
  return e.sub(high, e.sub(inner, e.mul(v, e.number(sineFirst))));
}

/** w + (((1 - w) - z/2) + (z r - x y)) with w = 1 - z/2. */
function cosineOf(e: Expressions, { high, low }: Pair, square: Vector): Vector {
  const half = e.keep(e.mul(square, e.number(0.5)));
  const w = e.keep(e.sub(e.number(1), half));
  const lost = e.sub(e.sub(e.number(1), w), half);
  const tail = e.mul(e.mul(square, square), e.polynomial(square, cosine));
  return e.add(w, e.add(lost, e.sub(tail, e.mul(high, low))));
}

/** Limb i - 2 of 2/pi as a chain of selections: arguments this large are rare, and the module needs no data then. */
function limbOf(module: ModuleBuilder): FunctionReference {
  return module.shared(
    "twoOverPi",
    ["i32"],
    (code) => {
      const value = code.local("i32");
      code.i32(0).set(value);
      for (let i = 0; i < limbs; i++) {
        const limb = Number(BigInt.asIntN(32, digits >> BigInt(32 * (limbs - 1 - i))));
        code
          .i32(limb)
          .get(value)
          .get(0)
          .i32(i + 2)
          .op("i32.eq")
          .select()
          .set(value);
      }
      code.get(value);
    },
    ["i32"],
  );
}
