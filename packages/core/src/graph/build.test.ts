import { type Data, K, type Tensor } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { restricted } from "../runtime/fixtures/restricted.ts";

/** The ops that run, and the results: one function of a placeholder of open length. */
async function run(
  make: (x: Tensor) => Tensor,
  value: Data,
  shape: readonly (number | null)[] = [null],
): Promise<{ readonly ops: readonly string[]; readonly result: unknown }> {
  const engine = restricted("plain", () => null);
  const x = K.placeholder({ shape: [...shape] });
  const f = K.function([x], make(x), { backend: engine });
  const result = (await f([value])).toArray();
  return { ops: engine.programs.flatMap(({ steps }) => steps.map(({ op }) => op)), result };
}

describe("what is known when shapes are", () => {
  test("counts of a batch are constants", async () => {
    const { ops, result } = await run(
      (x) => K.sum(x).divide(K.cast(K.squeeze(K.slice(K.shape(x), [0], [1]), 0), "float32")),
      [1, 2, 6],
    );
    expect([ops, result]).toEqual([["sum", "divide"], 3]);
  });

  test("numbers out of range become integers as engines make them", async () => {
    for (const value of [1e20, -1e20, NaN, Infinity]) {
      const { result } = await run((x) => K.cast(K.sum(x).add(K.constant(value)), "int32"), [0]);
      expect((await run((x) => K.cast(K.constant(value), "int32").add(K.shape(x)), [0])).result).toEqual([
        (Number(result) + 1) | 0,
      ]);
    }
    expect((await run((x) => K.cast(K.constant(-2.7), "int32").multiply(K.shape(x)), [0, 0])).result).toEqual(
      [-4],
    );
  });

  test("the gradient of a mean over an open axis divides by a constant", async () => {
    const { ops, result } = await run((x) => K.gradients(K.mean(K.square(x)), [x])[0]!, [2, 4, -6, 0]);
    expect(ops.filter((op) => ["broadcastTo", "sum", "divide", "max"].includes(op))).toEqual([]);
    expect(result).toEqual([1, 2, -3, 0]);
  });

  test("means and sums over an axis of 1 move nothing, -0 and NaN included", async () => {
    const value = [[-0], [NaN], [3]];
    for (const reduce of [K.mean, K.sum, K.max, K.min]) {
      const { ops, result } = await run((x) => reduce(x, { axis: 1 }).negative(), value, [null, 1]);
      expect([ops, result]).toEqual([["negative"], [0, NaN, -3]]);
    }
  });
});

describe("sums of one number that is repeated", () => {
  const ones = (x: Tensor, value: number): Tensor => K.zerosLike(x).add(value);

  test("are computed where they are exact", async () => {
    const repeated = (value: number) => (x: Tensor) =>
      K.sum(K.tile(K.constant([[value]]), [4, 3]), { axis: 0 }).add(K.sum(x));
    const { result } = await run(repeated(5), [1]);
    expect(result).toEqual([21, 21, 21]);
    // 0.1 four times is rounded after each addition, in whatever order the engine adds.
    expect((await run(repeated(0.1), [0])).result).toEqual(
      [0, 0, 0].map(() => expect.closeTo(0.4, 6) as unknown),
    );
  });

  test("of nothing are 0", async () => {
    expect((await run((x) => K.sum(ones(x, -3)), [])).result).toBe(0);
  });
});

describe("elementwise ops", () => {
  const matrix = [
    [1, 2],
    [3, 4],
  ];

  test("broadcast operands themselves", async () => {
    const row = (x: Tensor): Tensor => K.sum(x, { axis: 0, keepdims: true });
    const spread = (x: Tensor): Tensor => row(x).add(K.zerosLike(x));
    const expected = [
      [4, 12],
      [12, 24],
    ];
    const direct = await run((x) => x.multiply(row(x)), matrix, [null, 2]);
    expect(direct.result).toEqual(expected);
    expect((await run((x) => x.multiply(spread(x)), matrix, [null, 2])).result).toEqual(expected);
    // The gradient of a sum repeats its cotangent to x's shape, beside an operand of that shape.
    const gradient = await run((x) => K.gradients(K.sum(K.sin(x)), [x])[0]!, matrix, [null, 2]);
    expect(gradient.ops).not.toContain("broadcastTo");
    expect(gradient.result).toEqual(
      matrix.map((values) => values.map((v) => expect.closeTo(Math.cos(v), 5) as unknown)),
    );
  });

  test("keep the shape when all operands are repeated", async () => {
    const wide = (x: Tensor): Tensor => K.repeatElements(K.expandDims(K.sum(x), { axis: 0 }), 3, 0);
    expect((await run((x) => wide(x).add(wide(x.multiply(2))), [1, 2])).result).toEqual([9, 9, 9]);
  });
});
