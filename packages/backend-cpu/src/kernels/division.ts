import type { Expressions, Vector } from "../emit/expression.ts";
import type { FunctionReference } from "../wasm/code.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { inHalves, lowWords, narrow } from "./halves.ts";

/** Adding it to a whole float64 leaves the number's low bits in the low bits. */
const magic = 1.5 * 2 ** 52;

/** Largest integer not above x / y, which float64 gives exactly; 0 for y = 0, and -2^31 / -1 wraps. */
export function floorDivideInt(e: Expressions, x: Vector, y: Vector): Vector {
  const [quotient] = inHalves(e, "f64x2.convert_low_i32x4_s", [x, y], (wide, [a, b]) => [
    wide.add(wide.unary("floor", wide.div(a!, b!)), wide.number(magic)),
  ]);
  return e.andnot(lowWords(e, quotient!), e.op("i32x4.eq", y, e.integer(0)));
}

/** The remainder with the sign of y; 0 for y = 0. */
export function modInt(e: Expressions, x: Vector, y: Vector): Vector {
  const rest = e.op("i32x4.sub", x, e.op("i32x4.mul", e.keep(floorDivideInt(e, x, y)), y));
  return e.andnot(rest, e.op("i32x4.eq", y, e.integer(0)));
}

/**
 * The exact remainder of |x| by y > 0 (both finite), by long division: r - 2^k y while that is not negative.
 * Every subtraction is exact, since r and 2^k y are at most a factor of two apart.
 */
function remainder(module: ModuleBuilder): FunctionReference {
  return module.shared(
    "remainder.f64",
    ["f64", "f64"],
    (code) => {
      const [x, y] = [0, 1];
      const step = code.local("f64");
      code.get(y).set(step);
      code.block(() => {
        code.get(x).get(y).op("f64.lt").brIf(0);
        // step = y * 2^k, the largest one not above x / 2.
        code.loop(() => {
          code
            .get(step)
            .get(x)
            .f64(0.5)
            .op("f64.mul")
            .op("f64.le")
            .if(() => {
              code.get(step).get(step).op("f64.add").set(step);
            });
          code.get(step).get(x).f64(0.5).op("f64.mul").op("f64.le").brIf(0);
        });
        code.loop(() => {
          code
            .get(step)
            .get(x)
            .op("f64.le")
            .if(() => code.get(x).get(step).op("f64.sub").set(x));
          code.get(step).f64(0.5).op("f64.mul").set(step);
          code.get(x).get(y).op("f64.ge").brIf(0);
        });
      });
      code.get(x);
    },
    ["f64"],
  );
}

/** Python's %: exact, with the sign of y; NaN for y = 0 and infinite x. */
function modScalar(module: ModuleBuilder): FunctionReference {
  const rest = remainder(module);
  return module.shared(
    "mod.f64",
    ["f64", "f64"],
    (code) => {
      const [x, y] = [0, 1];
      const result = code.local("f64");
      code.f64(Number.NaN).set(result);
      // Comparisons with NaN are false, so NaN on either side keeps NaN.
      code
        .get(x)
        .op("f64.abs")
        .f64(Infinity)
        .op("f64.lt")
        .get(y)
        .op("f64.abs")
        .f64(0)
        .op("f64.gt")
        .op("i32.and");
      code.if(() => {
        code
          .get(y)
          .op("f64.abs")
          .f64(Infinity)
          .op("f64.eq")
          .if(
            () => code.get(x).set(result),
            () => {
              code.get(x).op("f64.abs").get(y).op("f64.abs").call(rest).get(x).op("f64.copysign").set(result);
            },
          );
        code
          .get(result)
          .f64(0)
          .op("f64.eq")
          .if(
            () => code.get(result).get(y).op("f64.copysign").set(result),
            () => {
              code.get(result).f64(0).op("f64.lt").get(y).f64(0).op("f64.lt").op("i32.xor");
              code.if(() => code.get(result).get(y).op("f64.add").set(result));
            },
          );
      });
      code.get(result);
    },
    ["f64"],
  );
}

/** As float64 alone. */
function modSingle(module: ModuleBuilder): FunctionReference {
  const exact = modScalar(module);
  return module.shared(
    "mod.f32",
    ["f32", "f32"],
    (code) => {
      code.get(0).op("f64.promote_f32").get(1).op("f64.promote_f32").call(exact).op("f32.demote_f64");
    },
    ["f32"],
  );
}

/** Quotients of float32 below this are told apart from integers in float64, and times y they are exact there. */
const quotientLimit = 2 ** 27;

/** Python's %, in float32 by x - floor(x / y) y where the quotient is small. */
export function modFloat(e: Expressions, x: Vector, y: Vector): Vector {
  if (e.shape === "f64x2") return e.perLane("f64", modScalar(e.module), x, y);
  const { code } = e;
  const [rest] = inHalves(e, "f64x2.promote_low_f32x4", [x, y], (wide, [a, b]) => [
    wide.sub(a!, wide.mul(wide.unary("floor", wide.div(a!, b!)), b!)),
  ]);
  // What is left has the sign of y, and so has 0.
  const value = e.keepLocal(e.copysign(e.keep(narrow(e, rest!)), y));
  const small = e.compare("lt", e.unary("abs", e.div(x, y)), e.number(quotientLimit));
  const easy = e.keep(e.and(small, e.compare("lt", e.unary("abs", y), e.number(Infinity))));
  e.op("v128.not", easy)();
  code.op("v128.any_true").if(() => {
    e.select(easy, () => code.get(value), e.perLane("f32", modSingle(e.module), x, y))();
    code.set(value);
  });
  return () => code.get(value);
}
