import * as reference from "@polykeras/backend-reference";
import { K, type NDArray, useBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => useBackend(reference));

describe("K.function", () => {
  test("results have the structure of the outputs", async () => {
    const x = K.placeholder({ shape: [2] });
    const twice = x.multiply(2);
    const bare: NDArray = await K.function([x], twice)([[1, 2]]);
    const [listed] = await K.function([x], [twice])([[1, 2]]);
    const { y } = await K.function([x], { y: twice })([[1, 2]]);
    for (const result of [bare, listed, y]) expect(result.toArray()).toEqual([2, 4]);
  });

  test("an intermediate tensor may be fed", async () => {
    const x = K.placeholder({ shape: [null] });
    const square = K.square(x);
    const y = square.add(1);
    expect((await K.function([square], y)([[10, 20]])).toArray()).toEqual([11, 21]);
  });

  test("all updates come from the old state, and outputs as well", async () => {
    const a = K.variable(1);
    const b = K.variable(2);
    const f = K.function([], [a.add(b)], { updates: [K.update(a, a.add(b)), K.update(b, a.multiply(2))] });
    expect((await f([]))[0].item()).toBe(3);
    expect([(await K.getValue(a)).item(), (await K.getValue(b)).item()]).toEqual([3, 2]);
    expect((await f([]))[0].item()).toBe(5);
    expect([(await K.getValue(a)).item(), (await K.getValue(b)).item()]).toEqual([5, 6]);
  });

  test("variables can swap their values", async () => {
    const a = K.variable([1, 2]);
    const b = K.variable([3, 4]);
    await K.function([], [], { updates: [K.update(a, b), K.update(b, a)] })([]);
    expect((await K.getValue(a)).toArray()).toEqual([3, 4]);
    expect((await K.getValue(b)).toArray()).toEqual([1, 2]);
  });

  test("of two updates of one variable the first counts", async () => {
    const a = K.variable(1);
    await K.function([], [], { updates: [K.update(a, 5), K.update(a, 6)] })([]);
    expect((await K.getValue(a)).item()).toBe(5);
  });

  test("outputs may be inputs, variables, constants and twice the same tensor", async () => {
    const x = K.placeholder({ shape: [2] });
    const v = K.variable(7);
    const sum = x.add(1);
    const results = await K.function([x], [x, v, K.constant(3), sum, sum, K.reshape(sum, [2, 1])])([[1, 2]]);
    expect(results.map((result) => result.toArray())).toEqual([[1, 2], 7, 3, [2, 3], [2, 3], [[2], [3]]]);
  });

  test("one function serves many shapes", async () => {
    const x = K.placeholder({ ndim: 2 });
    const f = K.function([x], K.mean(x, { axis: 0 }));
    expect(
      (
        await f([
          [
            [1, 2],
            [3, 4],
          ],
        ])
      ).toArray(),
    ).toEqual([2, 3]);
    expect((await f([[[1, 2, 3]]])).toArray()).toEqual([1, 2, 3]);
  });

  test("a resident result is read later and disposed", async () => {
    const x = K.placeholder({ shape: [2] });
    const before = reference.memory?.().buffers;
    const result = await K.function([x], x.add(1))([[1, 2]], { resident: true });
    expect((await result.read()).toArray()).toEqual([2, 3]);
    result.dispose();
    expect(reference.memory?.().buffers).toBe(before);
    await expect(result.read()).rejects.toThrow("after its dispose()");
  });

  test("a shape taken from a tensor", async () => {
    const x = K.placeholder({ ndim: 2 });
    const flat = K.reshape(x, [K.sum(K.shape(x)), -1]);
    expect(
      await K.function(
        [x],
        flat,
      )([{ data: new Float32Array(10), shape: [2, 5] }]).catch((error: Error) => error.message),
    ).toContain("cannot become");
    const same = K.reshape(x.multiply(1), K.shape(x));
    expect((await K.function([x], same)([[[1, 2]]])).toArray()).toEqual([[1, 2]]);
  });
});

describe("errors leave the engine usable", () => {
  const x = K.placeholder({ shape: [null, 3], name: "pixels" });
  const f = K.function([x], K.sum(x));

  test("a wrong shape names the placeholder and both shapes", async () => {
    await expect(f([[1, 2, 3]])).rejects.toThrow(
      "placeholder 'pixels' takes (null, 3) float32; it was fed a value of shape (3,)",
    );
    expect((await f([[[1, 2, 3]]])).item()).toBe(6);
  });

  test("a placeholder that is not fed", async () => {
    await expect(f([])).rejects.toThrow("placeholder 'pixels' ((null, 3) float32) was not fed");
    const hidden = K.placeholder({ shape: [1], name: "hidden" });
    await expect(K.function([], hidden.add(1))([])).rejects.toThrow("Placeholder 'hidden'");
  });

  test("an empty array runs: the sum of nothing is 0", async () => {
    expect((await f([{ data: new Float32Array(0), shape: [0, 3] }])).item()).toBe(0);
  });

  test("ragged arrays", async () => {
    await expect(f([[[1, 2, 3], [4]]])).rejects.toThrow("ragged");
  });

  test("a disposed variable", async () => {
    const v = K.variable([1, 2], { name: "weights" });
    const g = K.function([], v.add(1));
    await g([]);
    v.dispose();
    await expect(g([])).rejects.toThrow("Variable 'weights' was used after its dispose()");
    expect((await K.eval(K.constant(1).add(1))).item()).toBe(2);
  });

  test("mixed dtypes name K.cast; the user's line stands in a late shape error", async () => {
    const whole = K.placeholder({ shape: [2], dtype: "int32" });
    expect(() => x.add(whole)).toThrow("K.cast");
    const y = K.placeholder({ ndim: 2 });
    const late = K.function([x, y], x.add(y));
    await expect(late([[[1, 2, 3]], [[1, 2]]])).rejects.toThrow(
      /add: shapes \(1, 3\) and \(1, 2\)[\s\S]*function\.test\.ts:\d+/,
    );
  });
});
