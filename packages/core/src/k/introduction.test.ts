import * as reference from "@polykeras/backend-reference";
import { K, useBackend } from "@polykeras/core";
import { afterEach, beforeAll, describe, expect, test } from "vitest";

beforeAll(() => useBackend(reference));

/** The snippets of the Keras backend introduction (docs of Keras 2.3.1, "Keras backends"), one test each. */
describe("the Keras backend introduction", () => {
  afterEach(() => {
    K.setFloatx("float32");
    K.setEpsilon(1e-7);
    K.setImageDataFormat("channels_last");
  });

  test("inputs = K.placeholder(shape=(2, 4, 5))", () => {
    const inputs = K.placeholder({ shape: [2, 4, 5] });
    expect(K.intShape(inputs)).toEqual([2, 4, 5]);
    expect(K.dtype(inputs)).toBe("float32");
  });

  test("inputs = K.placeholder(shape=(None, 4, 5))", () => {
    expect(K.intShape(K.placeholder({ shape: [null, 4, 5] }))).toEqual([null, 4, 5]);
  });

  test("inputs = K.placeholder(ndim=3)", () => {
    const inputs = K.placeholder({ ndim: 3 });
    expect(K.ndim(inputs)).toBe(3);
    expect(K.intShape(inputs)).toEqual([null, null, null]);
  });

  test("var = K.variable(value=val); K.zeros; K.ones", async () => {
    const val = { data: Float64Array.from({ length: 60 }, (_, i) => i / 60), shape: [3, 4, 5] };
    const made = K.variable(val);
    expect((await K.getValue(made)).data).toEqual(Float32Array.from(val.data));
    expect((await K.eval(K.zeros([3, 4, 5]))).data).toEqual(new Float32Array(60));
    expect((await K.eval(K.ones([3, 4, 5]))).data).toEqual(new Float32Array(60).fill(1));
    expect(K.isVariable(K.zeros([3, 4, 5]))).toBe(true);
  });

  test("b = K.random_uniform_variable; c, d = K.random_normal_variable", async () => {
    const b = await K.getValue(K.randomUniformVariable([3, 4], 0, 1));
    expect(b.shape).toEqual([3, 4]);
    expect(b.data.every((value) => value >= 0 && value < 1)).toBe(true);
    const c = await K.getValue(K.randomNormalVariable([100, 100], 1, 2));
    const mean = Array.from(c.data).reduce((sum, value) => sum + value, 0) / 1e4;
    expect(Math.abs(mean - 1)).toBeLessThan(0.1);
  });

  test("a = b + c * K.abs(d)", async () => {
    const b = K.variable([[1, 2]]);
    const c = K.variable([[3, -4]]);
    const d = K.variable([[-5, 6]]);
    const a = b.add(c.multiply(K.abs(d)));
    expect((await K.eval(a)).toArray()).toEqual([[16, -22]]);
  });

  test("c = K.dot(a, K.transpose(b))", async () => {
    const a = K.variable([
      [1, 2],
      [3, 4],
    ]);
    const b = K.variable([
      [5, 6],
      [7, 8],
    ]);
    expect((await K.eval(K.dot(a, K.transpose(b)))).toArray()).toEqual([
      [17, 23],
      [39, 53],
    ]);
  });

  test("a = K.sum(b, axis=1)", async () => {
    const b = K.variable([
      [1, 2],
      [3, 4],
    ]);
    expect((await K.eval(K.sum(b, { axis: 1 }))).toArray()).toEqual([3, 7]);
  });

  test("a = K.softmax(b)", async () => {
    const [row] = [(await K.eval(K.softmax(K.variable([[0, Math.log(3)]])))).data];
    expect(row[0]).toBeCloseTo(0.25, 6);
    expect(row[1]).toBeCloseTo(0.75, 6);
  });

  test("a = K.concatenate([b, c], axis=-1)", async () => {
    const b = K.variable([[1], [2]]);
    const c = K.variable([[3], [4]]);
    expect((await K.eval(K.concatenate([b, c], { axis: -1 }))).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test("the setters", () => {
    expect(K.epsilon()).toBe(1e-7);
    K.setEpsilon(1e-5);
    expect(K.epsilon()).toBe(1e-5);
    K.setFloatx("float16");
    expect(K.floatx()).toBe("float16");
    expect(K.variable([1]).dtype).toBe("float16");
    K.setImageDataFormat("channels_first");
    expect(K.imageDataFormat()).toBe("channels_first");
    expect(K.backend()).toBe("reference");
  });
});
