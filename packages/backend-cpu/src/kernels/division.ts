import type { Expressions, Vector } from "../emit/expression.ts";
import type { FunctionReference } from "../wasm/code.ts";
import type { ModuleBuilder } from "../wasm/module.ts";

/** Largest integer not above x / y; 0 for y = 0, and -2^31 / -1 wraps: neither may trap. */
export function floorDivideInt(module: ModuleBuilder): FunctionReference {
  return module.shared(
    "floorDivide.i32",
    ["i32", "i32"],
    (code) => {
      const [x, y] = [0, 1];
      const quotient = code.local("i32");
      code.i32(0).set(quotient);
      code
        .get(y)
        .i32(-1)
        .op("i32.eq")
        .if(
          () => code.i32(0).get(x).op("i32.sub").set(quotient),
          () =>
            code.get(y).if(() => {
              code.get(x).get(y).op("i32.div_s").set(quotient);
              // Truncation was upward where the signs differ and something is left.
              code.get(quotient).get(y).op("i32.mul").get(x).op("i32.ne");
              code.get(x).get(y).op("i32.xor").i32(0).op("i32.lt_s").op("i32.and");
              code.if(() => code.get(quotient).i32(1).op("i32.sub").set(quotient));
            }),
        );
      code.get(quotient);
    },
    ["i32"],
  );
}

/** The remainder with the sign of y; 0 for y = 0. */
export function modInt(module: ModuleBuilder): FunctionReference {
  const divide = floorDivideInt(module);
  return module.shared(
    "mod.i32",
    ["i32", "i32"],
    (code) => {
      code.get(0).get(1).get(0).get(1).call(divide).op("i32.mul").op("i32.sub");
      code.i32(0).get(1).select();
    },
    ["i32"],
  );
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

export function modFloat(e: Expressions, x: Vector, y: Vector): Vector {
  const exact = modScalar(e.module);
  if (e.shape === "f64x2") return e.perLane("f64", exact, x, y);
  const single = e.module.shared(
    "mod.f32",
    ["f32", "f32"],
    (code) => {
      code.get(0).op("f64.promote_f32").get(1).op("f64.promote_f32").call(exact).op("f32.demote_f64");
    },
    ["f32"],
  );
  return e.perLane("f32", single, x, y);
}
