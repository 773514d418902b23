import { create as createReference } from "@polykeras/backend-reference";
import { type Backend, K, type Program, type Tensor, type TensorSpec } from "@polykeras/core";
import { beforeAll, expect, test } from "vitest";
import { fill, generator } from "../../../backend-tfjs/src/fixtures/network.ts";
import { create } from "../engine.ts";
import { spec, step } from "../fixtures/program.ts";
import { plan } from "./plan.ts";

const reference = createReference();
let backend: Backend;
beforeAll(async () => {
  backend = await create();
});

/** x (8, 4) through `steps`, of which the last one is the output. */
function chain(specs: readonly TensorSpec[], steps: Program["steps"]): Program {
  return {
    values: specs.map((of) => ({ spec: of })),
    inputs: [{ value: 0, kind: "placeholder", name: "x" }],
    constants: [],
    steps,
    outputs: [specs.length - 1],
    updates: [],
  };
}

test("element-wise ops, movements and the reduction after them are one kernel", () => {
  const { kernels } = plan(
    chain(
      [spec(8, 4), spec(8, 4), spec(4, 8), spec(4, 8), spec(4)],
      [
        step("exp", [0], 1),
        step("transpose", [1], 2, { permutation: [1, 0] }),
        step("multiply", [2, 2], 3),
        step("sum", [3], 4, { axes: [1] }),
      ],
    ),
  );
  expect(kernels.map(({ output }) => output)).toEqual([[4]]);
});

test("what two kernels read, and what a broadcast would repeat, is computed once", () => {
  const { kernels } = plan(
    chain(
      [spec(8, 1), spec(8, 1), spec(8, 4), spec(8), spec(8, 4), spec(8, 4)],
      [
        step("exp", [0], 1),
        step("broadcastTo", [1], 2, { shape: [8, 4] }),
        step("sum", [2], 3, { axes: [1] }),
        step("tanh", [2], 4),
        step("add", [4, 2], 5),
      ],
    ),
  );
  // exp; the sum, of which nobody reads the result; tanh and add.
  expect(kernels.map(({ output }) => output)).toEqual([[8], [8], [32]]);
  expect(kernels.filter(({ source }) => source.includes("Math.exp")).length).toBe(1);
});

test("a chain of a thousand ops is cut into kernels of a size", async () => {
  const x = K.placeholder({ shape: [3] });
  let y = x;
  for (let i = 0; i < 1000; i++) y = y.multiply(1.0001).add(0.001);
  const [got, wanted] = [
    await K.function([x], y, { backend })([[1, 2, 3]]),
    await K.function([x], y, { backend: reference })([[1, 2, 3]]),
  ];
  for (const [i, value] of got.data.entries()) expect(value / wanted.data[i]!).toBeCloseTo(1, 4);
});

/** A random graph over the tensors: every op reads recent results. */
function grow(leaves: readonly Tensor[], draw: () => number): Tensor[] {
  const pool = [...leaves];
  const below = (n: number): number => Math.floor(draw() * n);
  const pick = (): Tensor => pool[pool.length - 1 - Math.min(pool.length - 1, below(8))]!;
  const rank = (of: Tensor): number => of.shape.length;
  const rules: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
    (a, b) => a.add(b),
    (a, b) => a.multiply(b),
    (a, b) => a.subtract(b),
    (a, b) => K.maximum(a, b),
    (a) => K.sigmoid(a),
    (a) => K.tanh(a),
    (a) => K.sum(a, { axis: rank(a) - 1 }),
    (a) => K.max(a, { axis: 0, keepdims: true }),
    (a) => K.transpose(a),
    (a) => K.concatenate([a, K.abs(a)], { axis: -1 }),
    (a, b) => K.dot(a, K.transpose(b)).multiply(0.25),
    (a) => K.reshape(a, [-1]),
    (a, b) => K.cast(K.less(a, b), "float32"),
    (a) => K.mean(a, { axis: 0, keepdims: true }),
    (a) => K.softmax(a),
  ];
  for (let i = 4 + below(30); i > 0; i--) {
    const [rule, a, b] = [rules[below(rules.length)]!, pick(), pick()];
    try {
      const made = rule(a, b);
      if (made.shape.reduce<number>((size, dim) => size * Number(dim), 1) <= 400) pool.push(made);
    } catch {
      // Shapes that do not fit: another op, then.
    }
  }
  return pool;
}

test.each([1, 2, 3, 4])(
  "random graphs and their gradients, seed %i",
  async (seed) => {
    const draw = generator(seed * 7919);
    let results = 0;
    for (let graph = 0; graph < 25; graph++) {
      const feeds = [[3, 4], [4], [3, 1], [1, 4], []].map((shape) => fill(shape, () => draw() * 4 - 2));
      const leaves = feeds.map(({ shape }) => K.placeholder({ shape }));
      const pool = grow(leaves, draw);
      const outputs = [pool.at(-1)!, pool.at(-2)!, pool.at(-4)!];
      const loss = K.sum(outputs[0]!).add(K.sum(K.tanh(outputs[1]!)));
      const all = [...outputs, ...K.gradients(loss, leaves).filter((g) => g !== null)];
      const got = await K.function(leaves, all, { backend })(feeds);
      const wanted = await K.function(leaves, all, { backend: reference })(feeds);
      for (const [i, { data }] of wanted.entries())
        for (const [j, value] of data.entries()) {
          const distance = Math.abs(got[i]!.data[j]! - value) / (1 + Math.abs(value));
          expect(Object.is(got[i]!.data[j], value) || distance < 1e-4).toBe(true);
          results++;
        }
    }
    expect(results).toBeGreaterThan(500);
  },
  60_000,
);

test("a kernel reads no more arrays than its device allows", () => {
  const count = 20;
  const program: Program = {
    values: Array.from({ length: 2 * count - 1 }, () => ({ spec: spec(4) })),
    inputs: Array.from({ length: count }, (_, i) => ({ value: i, kind: "placeholder", name: `x${i}` })),
    constants: [],
    steps: Array.from({ length: count - 1 }, (_, i) =>
      step("add", [i === 0 ? 0 : count + i - 1, i + 1], count + i),
    ),
    outputs: [2 * count - 2],
    updates: [],
  };
  expect(plan(program).kernels.map(({ inputs }) => inputs.length)).toEqual([20]);
  const { kernels } = plan(program, { mode: "webgpu", arguments: 7 });
  expect(kernels.map(({ inputs }) => inputs.length)).toEqual([7, 7, 7, 2]);
});
