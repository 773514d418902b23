import {
  type Backend,
  K,
  type Program,
  type TensorSpec,
  configure,
  dtypes,
  useBackend,
} from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { runOp, tensor } from "../../backend-tfjs/src/fixtures/run-op.ts";
import { create } from "./engine.ts";
import { type Gpu, assertMode } from "./gpu.ts";
import * as entries from "./index.ts";
import { sharedKernels } from "./load.ts";

let backend: Backend;
let gpu: Gpu;
beforeAll(async () => {
  backend = await create();
  gpu = await sharedKernels();
});

/** x @ w^T, then two element-wise ops that become one kernel; the variable takes a new value. */
function program(rows: number): Program {
  const [m, w, y]: [TensorSpec, TensorSpec, TensorSpec] = [
    { shape: [rows, 4], dtype: "float32" },
    { shape: [3, 4], dtype: "float32" },
    { shape: [rows, 3], dtype: "float32" },
  ];
  return {
    values: [{ spec: m }, { spec: w }, { spec: y }, { spec: y }, { spec: y }, { spec: w }],
    inputs: [
      { value: 0, kind: "placeholder", name: "x" },
      { value: 1, kind: "variable", name: "w" },
    ],
    constants: [],
    steps: [
      {
        op: "matmul",
        inputs: [0, 1],
        outputs: [2],
        attributes: { transposeA: false, transposeB: true },
        frees: [],
      },
      { op: "abs", inputs: [2], outputs: [3], attributes: {}, frees: [2] },
      { op: "sqrt", inputs: [3], outputs: [4], attributes: {}, frees: [3] },
      { op: "negative", inputs: [1], outputs: [5], attributes: {}, frees: [] },
    ],
    outputs: [4],
    updates: [{ input: 1, value: 5 }],
  };
}

test("runs in the mode asked for, or throws", () => {
  expect(backend.name).toBe("gpu:webasm");
  expect(() => assertMode("webasm", "webasm", "fused-sync", null)).not.toThrow();
  expect(() => assertMode("webasm", "cpu", "generic", "no modules")).toThrow(
    /'webasm'.*'cpu' \(generic\): no modules/,
  );
  expect(() => assertMode("webasm", "webasm", "generic", "too small")).toThrow(/too small/);
});

test("variants that do not exist, or not here, are one clear error", async () => {
  await expect(create({ variant: "webgl2" })).rejects.toThrow(/'gpu:webgl2' needs WebGL2/);
  await expect(create({ variant: "vulkan" })).rejects.toThrow(/no variant 'vulkan'.*'gpu:webasm'/);
  await expect(create({ snapshotInterval: -1 })).rejects.toThrow(/snapshotInterval/);
});

test("is available where WebAssembly may be compiled", async () => {
  expect(await backend.available?.()).toBe(true);
});

test("keeps data of every dtype", async () => {
  for (const dtype of dtypes) {
    const { spec, data } = tensor([0, 1, 1, 0, 1], [5], dtype);
    const buffer = await backend.variable(spec, data);
    data[1] = 0;
    expect(Array.from(await buffer.read())).toEqual([0, 1, 1, 0, 1]);
    await buffer.write(data);
    expect(await buffer.read()).toEqual(data);
    buffer.dispose();
  }
  expect(backend.memory?.()).toEqual({ buffers: 0, bytes: 0 });
});

test("applies updates and holds no more after 1000 runs", async () => {
  const of = program(8);
  const executable = await backend.function(of);
  const x = await (
    await backend.placeholder({ shape: [8, 4], dtype: "float32" })
  ).feed(new Float32Array(32).fill(0.5));
  const w = await backend.variable({ shape: [3, 4], dtype: "float32" }, new Float32Array(12).fill(2));
  const run = async (): Promise<number> => {
    const [y] = await executable.run([x, w]);
    const value = (await y!.read())[0]!;
    y!.dispose();
    return value;
  };
  expect(await run()).toBe(2);
  expect((await w.read())[0]).toBe(-2);
  const before = [gpu.kernels, backend.memory?.().buffers];
  for (let i = 0; i < 1000; i++) expect(await run()).toBe(2);
  expect([gpu.kernels, backend.memory?.().buffers]).toEqual(before);
  expect((await w.read())[0]).toBe(-2);
  x.dispose();
  await expect(executable.run([x, w])).rejects.toThrow(/dispose/);
  executable.dispose();
  await expect(executable.run([x, w])).rejects.toThrow(/after its dispose/);
  w.dispose();
  expect(backend.memory?.()).toEqual({ buffers: 0, bytes: 0 });
});

test("programs of one structure share their kernels; those that nobody uses are let go", async () => {
  const x = await (
    await backend.placeholder({ shape: [16, 4], dtype: "float32" })
  ).feed(new Float32Array(64));
  const w = await backend.variable({ shape: [3, 4], dtype: "float32" }, new Float32Array(12));
  const [a, b] = [await backend.function(program(16)), await backend.function(program(16))];
  for (const executable of [a, b]) for (const y of await executable.run([x, w])) y.dispose();
  const shared = gpu.kernels;
  for (const y of await b.run([x, w])) y.dispose();
  expect(gpu.kernels).toBe(shared);
  a.dispose();
  b.dispose();
  for (let rows = 20; rows < 60; rows++) {
    const executable = await backend.function(program(rows));
    const fed = await (
      await backend.placeholder({ shape: [rows, 4], dtype: "float32" })
    ).feed(new Float32Array(rows * 4));
    for (const y of await executable.run([fed, w])) y.dispose();
    fed.dispose();
    executable.dispose();
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  // 16 idle pipelines at most, each with three kernels that gpu.js holds twice: as made and as compiled.
  expect(gpu.kernels).toBeLessThanOrEqual(16 * 6);
  x.dispose();
  w.dispose();
});

test("a result without elements, a scalar and an input as output", async () => {
  const empty = await runOp(backend, "exp", [tensor([], [0, 3])]);
  expect(empty.spec.shape).toEqual([0, 3]);
  expect(empty.data.length).toBe(0);
  expect(Array.from((await runOp(backend, "exp", [tensor([0], [])])).data)).toEqual([1]);
  expect(Array.from((await runOp(backend, "copy", [tensor([1, 0], [2], "bool")])).data)).toEqual([1, 0]);
});

test("a long sum does not lose its last places", async () => {
  const values = Array.from({ length: 100_000 }, (_, i) => ((i * 7919) % 1000) / 1000 + 0.1);
  const exact = Float32Array.from(values).reduce((total, value) => total + value, 0);
  const { data } = await runOp(backend, "sum", [tensor(values, [100_000])], { axes: [0] });
  expect(Math.abs(data[0]! / exact - 1)).toBeLessThan(1e-6);
});

describe("with K", () => {
  test("gives what it cannot do exactly to the host, and says so", async () => {
    const x = K.placeholder({ shape: [3], dtype: "int32" });
    const f = K.function([x], x.add(1), { backend });
    expect((await f([[2 ** 24, 2 ** 30, -5]])).toArray()).toEqual([2 ** 24 + 1, 2 ** 30 + 1, -4]);
    expect(backend.memory?.()).toEqual({ buffers: 0, bytes: 0 });
    configure({ fallback: "error" });
    try {
      await expect(K.function([x], x.subtract(1), { backend })([[1, 2, 3]])).rejects.toThrow(
        /subtract.*int32/s,
      );
    } finally {
      configure({ fallback: "host" });
    }
  });
});

test("the module makes the engine that suits the place, which in Node is webasm", async () => {
  const { backend: made } = await useBackend(entries, { name: "gpu" }).then(() => ({ backend: K.backend() }));
  expect(made).toBe("gpu");
  expect((await entries.create()).running).toMatchObject({ mode: "webasm", executor: "fused-sync" });
  expect((await K.eval(K.constant([1, 2]).add(3))).toArray()).toEqual([4, 5]);
});
