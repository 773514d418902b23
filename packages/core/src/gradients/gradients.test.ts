import * as reference from "@polykeras/backend-reference";
import { K, type Tensor, useBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => useBackend(reference));

const x64 = (value: number[][] | number[]): Tensor => K.variable(value, { dtype: "float64" });

/** Compares the gradient of sum(f(x) * weights) with central differences, in float64. */
async function check(f: (x: Tensor) => Tensor, values: number[]): Promise<void> {
  const x = K.placeholder({ shape: [null], dtype: "float64" });
  const y = f(x);
  const weights = K.cast(K.cos(K.cast(K.arange(1, { stop: 200 }), "float64")), "float64");
  const flat = K.flatten(y);
  const run = K.function([x], flat);
  const count = (await run([values])).size;
  const some = K.constant((await K.eval(weights)).data.slice(0, count), { dtype: "float64" });
  const loss = K.sum(flat.multiply(some));
  const [gradient] = K.gradients(loss, [x]);
  const value = K.function([x], loss);
  const got = (await K.function([x], gradient!)([values])).data;
  for (const [i, at] of values.entries()) {
    const h = 1e-6 * Math.max(1, Math.abs(at));
    const up = (await value([values.with(i, at + h)])).item();
    const down = (await value([values.with(i, at - h)])).item();
    expect(Math.abs(got[i]! - (up - down) / (2 * h))).toBeLessThan(1e-6 * Math.max(1, Math.abs(got[i]!)));
  }
}

const points = [-2.3, -0.7, 0.4, 1.9];
const cases: Record<string, (x: Tensor) => Tensor> = {
  exp: K.exp,
  log: (x) => K.log(K.abs(x)),
  sqrt: (x) => K.sqrt(K.square(x).add(1)),
  sin: K.sin,
  cos: K.cos,
  tanh: K.tanh,
  sigmoid: K.sigmoid,
  softplus: K.softplus,
  softsign: K.softsign,
  elu: (x) => K.elu(x, { alpha: 0.5 }),
  relu: (x) => K.relu(x, { alpha: 0.1, maxValue: 1.5 }),
  hardSigmoid: K.hardSigmoid,
  softmax: (x) => K.softmax(K.reshape(x, [2, -1])),
  power: (x) => K.pow(K.abs(x), 2.5),
  exponent: (x) => K.pow(K.constant(3, { dtype: "float64" }), x),
  divide: (x) => K.divide(1, x).add(K.divide(x, 3)),
  mod: (x) => x.mod(0.37),
  where: (x) => K.maximum(x, x.multiply(2)),
  broadcast: (x) => K.reshape(x, [-1, 1]).multiply(K.reshape(x, [1, -1])),
  mean: (x) => K.mean(K.reshape(K.square(x), [2, 2]), { axis: 1 }),
  variance: (x) => K.var(x),
  max: (x) => K.max(K.reshape(x, [2, 2]), { axis: 0, keepdims: true }),
  logsumexp: (x) => K.logsumexp(x),
  dot: (x) => K.dot(K.reshape(x, [2, 2]), K.transpose(K.reshape(K.exp(x), [2, 2]))),
  matmul: (x) => K.reshape(x, [2, 2]).matmul(x.multiply(0.5).matmul(K.reshape(x, [4, 1]))),
  concatenate: (x) => K.concatenate([x, K.square(x), x], { axis: 0 }),
  stack: (x) => K.stack([x, K.exp(x)], { axis: 1 }),
  permute: (x) => K.exp(K.permuteDimensions(K.reshape(x, [2, 1, 2]), [2, 0, 1])),
  crossentropy: (x) => K.binaryCrossentropy(K.constant([0, 1, 0.3, 1], { dtype: "float64" }), K.sigmoid(x)),
};

describe("gradients agree with central differences", () => {
  for (const [name, f] of Object.entries(cases)) {
    if (name === "matmul") continue;
    test(name, () => check(f, points));
  }
});

describe("gradients", () => {
  test("null where the loss does not depend, or through argmax and round", () => {
    const v = K.variable([1, 2, 3]);
    const other = K.variable([1]);
    expect(K.gradients(K.sum(v), [v, other])[1]).toBeNull();
    expect(K.gradients(K.sum(K.round(v)), v)[0]).toBeNull();
    expect(K.gradients(K.sum(K.cast(K.argmax(v), "float32")), v)[0]).toBeNull();
    expect(K.gradients(K.sum(K.stopGradient(v)), v)[0]).toBeNull();
  });

  test("a loss that is no scalar counts as its sum, several as theirs", async () => {
    const v = x64([1, 2]);
    expect((await K.eval(K.gradients(K.square(v), v)[0]!)).toArray()).toEqual([2, 4]);
    expect((await K.eval(K.gradients([K.square(v), v], [v])[0]!)).toArray()).toEqual([3, 5]);
  });

  test("higher orders", async () => {
    const v = x64([2]);
    const first = K.gradients(K.pow(v, 3), v)[0]!;
    const second = K.gradients(first, v)[0]!;
    const third = K.gradients(second, v)[0]!;
    expect((await K.eval(K.concatenate([first, second, third]))).toArray()).toEqual([12, 12, 6]);
  });

  test("ties: max shares, maximum gives all to x, relu and abs are 0 at 0, clip counts on the bounds", async () => {
    const v = x64([1, 1, 0]);
    const gradient = async (y: Tensor): Promise<unknown> => (await K.eval(K.gradients(y, v)[0]!)).toArray();
    expect(await gradient(K.max(v))).toEqual([0.5, 0.5, 0]);
    expect(await gradient(K.maximum(v, 1))).toEqual([1, 1, 0]);
    expect(await gradient(K.relu(v))).toEqual([1, 1, 0]);
    expect(await gradient(K.abs(v))).toEqual([1, 1, 0]);
    expect(await gradient(K.clip(v, 0, 1))).toEqual([1, 1, 1]);
  });

  test("no NaN comes from the branch that where discards", async () => {
    const v = x64([-1000, 0, 1000]);
    const gradient = await K.eval(K.gradients(K.elu(v), v)[0]!);
    expect(gradient.toArray()).toEqual([0, 1, 1]);
    const softplus = await K.eval(K.gradients(K.softplus(v), v)[0]!);
    expect(softplus.toArray()).toEqual([0, 0.5, 1]);
  });

  test("a chain of 100,000 nodes", async () => {
    const v = x64([1]);
    let y: Tensor = v;
    for (let i = 0; i < 50_000; i++) y = y.add(v.multiply(1e-3));
    const gradient = K.gradients(y, v)[0]!;
    expect((await K.eval(gradient)).data[0]).toBeCloseTo(51, 6);
  });
});
