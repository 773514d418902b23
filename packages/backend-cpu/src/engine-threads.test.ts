import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type CpuBackend, create } from "./engine.ts";
import { product } from "./fixtures/product.ts";
import { ProgramBuilder, runOnce, sample } from "./fixtures/program.ts";
import { probe } from "./wasm/probe.ts";

// For machines that are busy.
vi.setConfig({ testTimeout: 120_000 });

const engines: CpuBackend[] = [];

function threaded(threads: number, sharedFrom?: number): CpuBackend {
  const engine = create({ threads, ...(sharedFrom !== undefined && { sharedFrom }) });
  engines.push(engine);
  return engine;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const engine of engines.splice(0)) engine.dispose();
});

const workersOf = (engine: CpuBackend, workers: number): Promise<void> =>
  vi.waitFor(() => expect(engine.threads().workers).toBe(workers), { timeout: 60_000 });

describe("an engine with threads", () => {
  test("starts workers for the first large step, not before", async () => {
    const started = vi.spyOn(process.getBuiltinModule("node:worker_threads"), "Worker");
    const engine = threaded(3);
    await runOnce(engine, product(64), [sample("float32", 4096, 1), sample("float32", 4096, 2)]);
    expect(started).not.toHaveBeenCalled();
    expect(engine.threads()).toEqual({ threads: 3, workers: 0, claimed: [0, 0, 0] });
    const feeds = [sample("float32", 256 ** 2, 1), sample("float32", 256 ** 2, 2)];
    const [alone] = await runOnce(engine, product(256), feeds);
    const [own] = engine.threads().claimed;
    expect(own).toBeGreaterThan(1);
    expect(started).toHaveBeenCalledTimes(2);
    await workersOf(engine, 2);
    const [together] = await runOnce(engine, product(256), feeds);
    const [wanted] = await runOnce(threaded(1), product(256), feeds);
    expect(alone).toEqual(wanted);
    expect(together).toEqual(wanted);
    const { claimed } = engine.threads();
    expect(claimed.reduce((sum, chunks) => sum + chunks, 0)).toBe(2 * own!);
  });

  test("has the same fault as with one thread, the first one, and runs again", async () => {
    const builder = new ProgramBuilder();
    const rows = builder.op("gather", [builder.input([10, 3]), builder.input([64], "int32")]);
    const program = builder.program([rows]);
    const engine = threaded(4, 0);
    const table = sample("float32", 30, 1);
    const good = Int32Array.from({ length: 64 }, (_, i) => i % 10);
    const [expected] = await runOnce(threaded(1), program, [table, good]);
    for (let round = 0; round < 20; round++) {
      const bad = Int32Array.from(good, (index, i) => (i % 7 === 3 ? 100 + i : index));
      await expect(runOnce(engine, program, [table, bad])).rejects.toThrow(
        "gather: index 103 is out of range",
      );
      const [got] = await runOnce(engine, program, [table, good]);
      expect(got).toEqual(expected);
    }
  });

  test("has code of its own where another of as many threads computes in another way", async () => {
    const program = product(96);
    // Thirds, whose products are not exact.
    const feeds = [1, 2].map((seed) => sample("float32", 96 ** 2, seed).map((value) => value / 3));
    const made: (readonly number[] | undefined)[] = [];
    for (const fma of ["auto", false] as const) {
      const several = create({ threads: 2, sharedFrom: 0, fma });
      engines.push(several);
      const [wanted] = await runOnce(create({ threads: 1, fma }), program, feeds);
      expect((await runOnce(several, program, feeds))[0]).toEqual(wanted);
      made.push(wanted);
    }
    expect(made[0]?.some((value, i) => value !== made[1]?.[i])).toBe(probe().fma);
  });

  test("computes in memory that has grown since its workers started", async () => {
    const engine = threaded(2, 0);
    await runOnce(engine, product(32), [sample("float32", 1024, 1), sample("float32", 1024, 2)]);
    await workersOf(engine, 1);
    for (let images = 2; images <= 8; images *= 2) {
      const builder = new ProgramBuilder();
      const x = builder.input([images, 64, 64, 8]);
      const windows = {
        window: [2, 2],
        strides: [2, 2],
        padding: [
          [0, 0],
          [0, 0],
        ],
      };
      const y = builder.op("maxPool", [x], windows);
      const program = builder.program([builder.op("maxPoolGradient", [x, y, y], windows)]);
      const feeds = [sample("float32", images * 64 * 64 * 8, images)];
      const [wanted] = await runOnce(threaded(1), program, feeds);
      const before = engine.threads().claimed[1]!;
      await vi.waitFor(
        async () => {
          expect((await runOnce(engine, program, feeds))[0]).toEqual(wanted);
          expect(engine.threads().claimed[1]).toBeGreaterThan(before);
        },
        { timeout: 60_000 },
      );
    }
  });

  test("takes no buffers of an engine over other memory", async () => {
    const [one, two] = [threaded(1), threaded(2)];
    const program = product(8);
    const buffer = await one.variable({ shape: [8, 8], dtype: "float32" }, new Float32Array(64));
    const executable = await two.function(program);
    expect(() => executable.run([buffer, buffer])).toThrow("another number of threads");
    buffer.dispose();
  });

  test("goes on without its workers once it is disposed of", async () => {
    const engine = threaded(2, 0);
    const feeds = [sample("float32", 1024, 1), sample("float32", 1024, 2)];
    const [before] = await runOnce(engine, product(32), feeds);
    await workersOf(engine, 1);
    engine.dispose();
    expect(engine.threads().workers).toBe(0);
    expect((await runOnce(engine, product(32), feeds))[0]).toEqual(before);
  });

  test("lets its process end", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@polykeras/source", join(import.meta.dirname, "fixtures", "large.ts")],
      { env: { ...process.env, POLYKERAS_THREADS: "2" } },
    );
    expect(JSON.parse(stdout)).toEqual({ threads: 2, workers: 1, sum: 256 ** 3 });
  });
});
