import { create as createReference } from "@polykeras/backend-reference";
import { type Program, registerBackend } from "@polykeras/core";
import { describe, expect, inject, test } from "vitest";
import { kernelClass } from "./device/gpu-js.ts";
import { WebGl2Kernels } from "./device/webgl2-kernels.ts";
import { WebGl2Memory } from "./device/webgl2-memory.ts";
import { type GpuBackend, create } from "./engine.ts";
import { growth } from "./fixtures/growth.ts";

const reference = createReference();
registerBackend("reference", () => reference);

/** x times a number, in a kernel of its own. */
function times(factor: number, length: number): Program {
  const spec = { shape: [length], dtype: "float32" } as const;
  return {
    values: [{ spec }, { spec: { shape: [], dtype: "float32" } }, { spec }],
    inputs: [{ value: 0, kind: "placeholder", name: "x" }],
    constants: [{ value: 1, data: Float32Array.of(factor) }],
    steps: [{ op: "multiply", inputs: [0, 1], outputs: [2], attributes: {}, frees: [] }],
    outputs: [2],
    updates: [],
  };
}

async function firstOf(backend: GpuBackend, program: Program, value: number): Promise<number> {
  const executable = await backend.function(program);
  const { spec } = program.values[0]!;
  const slot = await backend.placeholder(spec);
  const x = await slot.feed(new Float32Array(spec.shape[0]!).fill(value));
  const [y] = await executable.run([x]);
  const data = await y!.read();
  for (const buffer of [x, y!, executable]) buffer.dispose();
  return data[0]!;
}

const executors = {
  webgpu: "one submission per program",
  webgl2: "kernel by kernel",
  webasm: "fused-sync",
} as const;
/** What each mode keeps its tensors or programs in. */
const kinds = { webgpu: "buffers", webgl2: "Texture", webasm: "instances" } as const;

describe.each(["webgpu", "webgl2", "webasm"] as const)("gpu:%s", (variant) => {
  test("allocates nothing more while it trains", async () => {
    const steps = inject("every") === 1 ? 1000 : 100;
    const { running, before, after, losses } = await growth(variant, steps);
    expect(running).toMatchObject({ mode: variant, executor: executors[variant] });
    expect(before.memory.buffers).toBeGreaterThan(0);
    expect(before.live[kinds[variant]]).toBeGreaterThan(0);
    expect(after).toEqual(before);
    expect(losses[1]).toBeLessThan(losses[0]);
  }, 300_000);

  test("gives back what was disposed of, from many programs", async () => {
    const backend = await create({ variant });
    for (let i = 0; i < 20; i++) expect(await firstOf(backend, times(2 + i, 100 + i), 3)).toBe(6 + 3 * i);
    expect(backend.memory()).toEqual({ buffers: 0, bytes: 0 });
  });
});

test("gpu:webasm keeps more programs than a page may have memories of WebAssembly", async () => {
  const backend = await create({ variant: "webasm" });
  const programs = Array.from({ length: 150 }, (_, i) => times(2 + i, 1000 + i));
  const executables = await Promise.all(programs.map(async (program) => backend.function(program)));
  for (let turn = 0; turn < 2; turn++)
    for (const [i, executable] of executables.entries()) {
      const slot = await backend.placeholder({ shape: [1000 + i], dtype: "float32" });
      const x = await slot.feed(new Float32Array(1000 + i).fill(3));
      const [y] = await executable.run([x]);
      expect((await y!.read())[0]).toBe(6 + 3 * i);
      for (const buffer of [x, y!]) buffer.dispose();
    }
  for (const executable of executables) executable.dispose();
}, 60_000);

describe("kernels of gpu.js on WebGL2 after another one was destroyed", () => {
  const plus = "function(a){ return a[this.thread.x]+1; }";
  const tenfold = "function(a){ return a[this.thread.x]*10; }";

  test("draw nothing if gpu.js is left to it: results are those of an earlier run", async () => {
    const { GPU } = await import("gpu.js");
    const gpu = new GPU({ mode: "webgl2" });
    const [first, second] = [plus, tenfold].map((source) =>
      gpu.createKernel(source, { output: [2], precision: "single" }),
    );
    expect(first!([1, 2])).toEqual(Float32Array.of(2, 3));
    second!([1, 2]);
    second!.destroy();
    expect(first!([5, 6])).not.toEqual(Float32Array.of(6, 7));
  });

  test("draw on as they are destroyed here", async () => {
    const canvas = new OffscreenCanvas(2, 2);
    const memory = new WebGl2Memory(canvas.getContext("webgl2")!);
    const Kernel = kernelClass(await import("gpu.js"), "WebGL2Kernel");
    const kernels = new WebGl2Kernels(memory, canvas, Kernel, 0);
    const run = async (source: string, given: number[]): Promise<[key: string, result: number[]]> => {
      const x = memory.upload(Float32Array.from(given));
      const { key, kernel } = kernels.take(source, [2], [x.argument]);
      const y = kernels.run(kernel, [x.argument]);
      const result = Array.from(await y.read());
      for (const tensor of [x, y]) tensor.free();
      return [key, result];
    };
    expect((await run(plus, [1, 2]))[1]).toEqual([2, 3]);
    const [key, result] = await run(tenfold, [1, 2]);
    expect(result).toEqual([10, 20]);
    kernels.release([key]);
    expect(kernels.size).toBe(1);
    expect((await run(plus, [5, 6]))[1]).toEqual([6, 7]);
    // The destroyed kernel's vertices go once another kernel is built, which draws as well.
    expect((await run(tenfold, [7, 8]))[1]).toEqual([70, 80]);
    expect((await run(plus, [9, 10]))[1]).toEqual([10, 11]);
    expect(memory.pool.memory.buffers).toBeLessThanOrEqual(3);
  });
});
