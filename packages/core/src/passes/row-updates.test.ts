import { K, type StepSignature, type Tensor, type Update, type Variable } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { slicesOf } from "../gradients/slices.ts";
import { restricted } from "../runtime/fixtures/restricted.ts";

const rows = [
  [1, 3],
  [3, 0],
];
const at = (): Tensor => K.placeholder({ shape: [2, 2], dtype: "int32" });
const table = (): Variable =>
  K.variable({ data: Float32Array.from({ length: 15 }, (_, i) => i / 4 - 2), shape: [5, 3] });

interface Taken {
  readonly ops: readonly string[];
  readonly values: readonly number[];
}

/** The ops of a step, and the table after it. */
async function take(
  updates: (w: Variable, gradient: Tensor) => readonly Update[],
  loss: (w: Variable, indices: Tensor) => Tensor,
  outputs: (gradient: Tensor) => Tensor[] = () => [],
): Promise<Taken> {
  const asked = new Set<string>();
  const engine = restricted("rows", ({ op }: StepSignature) => {
    asked.add(op);
    return null;
  });
  const [w, indices] = [table(), at()];
  const gradient = K.gradients(loss(w, indices), [w])[0]!;
  const step = K.function([indices], outputs(gradient), {
    updates: [...updates(w, gradient)],
    backend: engine,
  });
  await step([rows]);
  const values = [...(await K.getValue(w)).data];
  w.dispose();
  return { ops: [...asked], values };
}

const squares = (w: Variable, indices: Tensor): Tensor => K.sum(K.square(K.gather(w, indices)));
/** Each element of row i moves by -0.1 * 2 w for every time that i is among the indices. */
const counts = [1, 1, 0, 2, 0];
const moved = (factor: number, from = 1): number[] =>
  Array.from({ length: 15 }, (_, i) => (i / 4 - 2) * (from - factor * counts[Math.floor(i / 3)]!));

function near(got: readonly number[], want: readonly number[]): void {
  for (const [i, value] of want.entries()) expect(got[i]).toBeCloseTo(value, 5);
}

describe("updates by the gradient of a gather", () => {
  test("add the rows of it, as often as they were read", async () => {
    const { ops, values } = await take((w, g) => [K.updateSub(w, g.multiply(0.1))], squares);
    expect(ops).toContain("indexAdd");
    near(values, moved(0.2));
  });

  test("do so beside a decay of the whole, behind quotients, and in sums the other way round", async () => {
    const decayed = await take(
      (w, g) => [K.update(w, w.subtract(w.multiply(0.5)).subtract(g.multiply(0.2).divide(2)))],
      squares,
    );
    expect(decayed.ops).toContain("indexAdd");
    near(decayed.values, moved(0.2, 0.5));
    const turned = await take((w, g) => [K.update(w, g.multiply(-0.1).add(w))], squares);
    expect(turned.ops).toContain("indexAdd");
    near(turned.values, moved(0.2));
  });

  test("do so for each gather of the table, and for the dense part of its gradient densely", async () => {
    const { ops, values } = await take(
      (w, g) => [K.updateSub(w, g.multiply(0.1))],
      (w, indices) =>
        squares(w, indices)
          .add(squares(w, indices.add(0)))
          .add(K.sum(K.square(w))),
    );
    expect(ops).toContain("indexAdd");
    near(
      values,
      moved(0.4).map((value, i) => value - 0.2 * (i / 4 - 2)),
    );
  });

  test("do so where the rows are clipped by their norm, and where a sparse matrix chooses them", async () => {
    const clipped = await take((w, g) => {
      const slices = slicesOf(g);
      const [read] = slices.values;
      const scale = K.maximum(K.sqrt(K.sum(K.square(read!))), 1e9);
      return [K.updateSub(w, slices.with([read!.multiply(1e9).divide(scale)]).multiply(0.1))];
    }, squares);
    expect(clipped.ops).toContain("indexAdd");
    near(clipped.values, moved(0.2));
    const chosen = await take(
      (w, g) => [K.updateSub(w, g.multiply(0.1))],
      (w, indices) => {
        const shape = [4, 5];
        const ones = { indices: [0, 1, 2, 3].map((i) => [i, rows.flat()[i]!]), values: [1, 1, 1, 1], shape };
        return K.sum(K.square(K.dot(K.variable(ones), w))).add(K.sum(K.cast(indices, "float32")));
      },
    );
    expect(chosen.ops).toContain("indexAdd");
    near(chosen.values, moved(0.2));
  });

  test("stay as they are where the gradient has other readers, or is not all of a product", async () => {
    const read = await take(
      (w, g) => [K.updateSub(w, g.multiply(0.1))],
      squares,
      (g) => [g],
    );
    expect(read.ops).not.toContain("indexAdd");
    near(read.values, moved(0.2));
    const slot = K.variable(
      new Float32Array(15).map(() => 1),
      { dtype: "float32" },
    );
    const scaled = await take(
      (w, g) => [K.updateSub(w, g.multiply(K.reshape(slot, [5, 3])).multiply(0.1))],
      squares,
    );
    expect(scaled.ops).not.toContain("indexAdd");
    near(scaled.values, moved(0.2));
    slot.dispose();
  });

  test("leave elements of rows that are not read alone, be the rate infinite", async () => {
    const { values } = await take((w, g) => [K.updateSub(w, g.multiply(K.constant(Infinity)))], squares);
    expect(values.slice(6, 9)).toEqual([-0.5, -0.25, 0]);
    expect(values[0]).toBe(Infinity);
  });
});
