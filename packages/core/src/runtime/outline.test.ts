import { K, type Tensor, type Variable } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { restricted } from "./fixtures/restricted.ts";

/** An engine that counts the steps it is asked about: none where a plan is made again. */
function counting(): { readonly engine: ReturnType<typeof restricted>; readonly asked: () => number } {
  let count = 0;
  const engine = restricted("counting", () => {
    count++;
    return null;
  });
  return {
    engine,
    asked: () => {
      const before = count;
      count = 0;
      return before;
    },
  };
}

describe("functions of one outline", () => {
  test("are planned once, and keep their own variables", async () => {
    const { engine, asked } = counting();
    const make = (start: number): { step: (x: number[]) => Promise<unknown>; weight: Variable } => {
      const weight = K.variable([start, 2 * start]);
      const x = K.placeholder({ shape: [null] });
      const loss = K.sum(K.square(x.multiply(weight)));
      const [gradient] = K.gradients(loss, [weight]);
      const updates = [K.update(weight, weight.subtract(gradient!.multiply(0.25)))];
      const f = K.function([x], [loss, weight.add(x)], { updates, backend: engine });
      return { step: async (value) => (await f([value])).map((array) => array.toArray()), weight };
    };
    const one = make(1);
    expect(await one.step([1, 2])).toEqual([17, [2, 4]]);
    expect(asked()).toBeGreaterThan(0);
    const other = make(10);
    expect(await other.step([1, 2])).toEqual([1700, [11, 22]]);
    expect(asked()).toBe(0);
    const values = await Promise.all(
      [one, other].map(async ({ weight }) => (await K.getValue(weight)).toArray()),
    );
    expect(values).toEqual([
      [0.5, -2],
      [5, -20],
    ]);
    expect(await one.step([1, 1])).toEqual([4.25, [1.5, -1]]);
    // Other shapes are planned anew, once for both.
    const third = make(1);
    await third.step([1, 1]);
    expect(asked()).toBe(0);
  });

  test("differ by ops, attributes, constants, wiring, dtypes, order of results and fed tensors", async () => {
    const { engine, asked } = counting();
    const x = K.placeholder({ shape: [2, 2] });
    const y = K.placeholder({ shape: [2, 2] });
    const v = K.variable([
      [1, 2],
      [3, 4],
    ]);
    const made: [Tensor, ...Tensor[]][] = [
      [x.subtract(y)],
      [y.subtract(x)],
      [x.add(y)],
      [K.sum(x, { axis: 0 }).add(K.sum(y))],
      [K.sum(x, { axis: 1 }).add(K.sum(y))],
      [x.subtract(y).multiply(2)],
      [x.subtract(y).multiply(3)],
      [x.subtract(v).multiply(y)],
      [x.subtract(y), x.add(v)],
      [x.add(v), x.subtract(y)],
    ];
    const feeds = [
      [
        [1, 2],
        [3, 5],
      ],
      [
        [7, 11],
        [13, 17],
      ],
    ];
    const expected = new Map<Tensor[], unknown>();
    for (const outputs of made) {
      const f = K.function([x, y], outputs, { backend: engine });
      expected.set(
        outputs,
        (await f(feeds)).map((array) => array.toArray()),
      );
      expect(asked()).toBeGreaterThan(0);
    }
    for (const [outputs, results] of expected) {
      const f = K.function([x, y], outputs, { backend: engine });
      expect((await f(feeds)).map((array) => array.toArray())).toEqual(results);
      expect(asked()).toBe(0);
      const reference = K.function([x, y], outputs, { backend: restricted("plain", () => null) });
      expect((await reference(feeds)).map((array) => array.toArray())).toEqual(results);
    }
    // A tensor that is fed stands for what it is made of.
    const inner = x.multiply(y);
    const whole = K.function([x, y], inner.add(1), { backend: engine });
    const part = K.function([inner, y], inner.add(1), { backend: engine });
    expect((await whole(feeds)).toArray()).toEqual([
      [8, 23],
      [40, 86],
    ]);
    expect((await part(feeds)).toArray()).toEqual([
      [2, 3],
      [4, 6],
    ]);
  });

  test("a result that is asked for twice is two arrays", async () => {
    const { engine } = counting();
    for (let round = 0; round < 2; round++) {
      const x = K.placeholder({ shape: [1] });
      const y = x.add(1);
      const [first, second] = await K.function([x], [y, y], { backend: engine })([[1]]);
      expect([first.toArray(), second.toArray()]).toEqual([[2], [2]]);
    }
  });

  test("draw random numbers from their own states", async () => {
    const { engine } = counting();
    const draw = (seed: number): Promise<unknown> =>
      K.function([], K.randomUniform([3], { seed }), { backend: engine })([]).then((array) =>
        array.toArray(),
      );
    const [one, other] = [await draw(1), await draw(2)];
    expect(one).not.toEqual(other);
    expect(await draw(1)).toEqual(one);
  });
});
