import type { Expressions, Vector } from "../emit/expression.ts";

type Widen = "f64x2.promote_low_f32x4" | "f64x2.convert_low_i32x4_s";

/**
 * Computes on float32 or int32 lanes in float64. `run` gets the operands' lower two lanes, then the upper two; each of
 * its results comes back as the pair of both.
 */
export function inHalves(
  e: Expressions,
  widen: Widen,
  operands: readonly Vector[],
  run: (wide: Expressions, parts: readonly Vector[]) => readonly Vector[],
): readonly (readonly [Vector, Vector])[] {
  const { code } = e;
  const [lower, upper] = [0, 1].map((half) => {
    const wide = e.as("f64x2");
    const parts = operands.map((operand) =>
      wide.keep(() => {
        operand();
        if (half === 1) {
          const copy = code.local("v128");
          code.tee(copy).get(copy).shuffle32([2, 3, 0, 1]);
          code.release(copy);
        }
        code.op(widen);
      }),
    );
    const results = run(wide, parts).map((result) => e.keep(result));
    wide.done();
    return results;
  });
  return lower!.map((low, i) => [low, upper![i]!]);
}

/** The low 32 bits of each of four 64-bit lanes. */
export function lowWords(e: Expressions, [low, high]: readonly [Vector, Vector]): Vector {
  return shuffled(e, low, high, [0, 2, 4, 6]);
}

/** Four float64 lanes rounded to float32. */
export function narrow(e: Expressions, [low, high]: readonly [Vector, Vector]): Vector {
  const round = (half: Vector): Vector => e.op("f32x4.demote_f64x2_zero", half);
  return shuffled(e, round(low), round(high), [0, 1, 4, 5]);
}

function shuffled(
  { code }: Expressions,
  a: Vector,
  b: Vector,
  lanes: readonly [number, number, number, number],
): Vector {
  return () => {
    a();
    b();
    code.shuffle32(lanes);
  };
}
