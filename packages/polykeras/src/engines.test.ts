import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test } from "vitest";
import type { Memory } from "@polykeras/core";
import { type EngineName, engine, engineNames } from "./fixtures/engines.ts";
import { x, y } from "./fixtures/hashed.ts";
import { Dense, Dropout, Input, K, Sequential, configure, setRandomSeed, useBackend } from "./index.ts";
import type { SequentialModel } from "./models/sequential.ts";

afterEach(() => configure({ floatx: "float32" }));

/** The demo's model. */
function demo(): SequentialModel {
  return Sequential([
    Dense(64, { inputDim: 20, activation: "relu" }),
    Dropout(0.5),
    Dense(64, { activation: "relu" }),
    Dropout(0.5),
    Dense(1, { activation: "sigmoid" }),
  ]);
}

/** The losses of the demo with dropout and shuffling, everything drawn from one seed. */
async function train(name: EngineName, epochs: number): Promise<number[]> {
  setRandomSeed(7);
  const model = demo();
  model.compile({
    loss: "binary_crossentropy",
    optimizer: "rmsprop",
    metrics: ["accuracy"],
    backend: await engine(name),
  });
  const { history } = await model.fit(x, y, { epochs, batchSize: 128, verbose: 0 });
  model.dispose();
  return history["loss"]!;
}

/** What came on top; variables of earlier tests may be collected meanwhile. */
function growth(before: Memory | undefined, after: Memory | undefined): Memory {
  if (!before || !after) throw new Error("the engine does not tell its memory");
  return {
    buffers: Math.max(0, after.buffers - before.buffers),
    bytes: Math.max(0, after.bytes - before.bytes),
  };
}

test("one seed trains alike on every engine, dropout and shuffling on", async () => {
  const runs: number[][] = [];
  for (const name of engineNames) runs.push(await train(name, 20));
  const [reference, ...others] = runs;
  expect(reference).toHaveLength(20);
  for (const losses of others)
    for (const [epoch, loss] of losses.entries()) {
      const distance = Math.abs(loss - reference![epoch]!) / reference![epoch]!;
      expect({ epoch, distance }).toSatisfy(() => distance < (epoch === 0 ? 1e-5 : 1e-4));
    }
});

test("dropout masks are the same bits on every engine, call after call", async () => {
  const masks = await Promise.all(
    engineNames.map(async (name) => {
      const input = Input({ shape: [50] });
      const dropped = Dropout(0.3, { seed: 11 })(input, { training: true });
      const run = K.function([input], [dropped], { backend: await engine(name) });
      const ones = { data: new Float32Array(1000).fill(1), shape: [20, 50] };
      const calls = [await run([ones]), await run([ones]), await run([ones])];
      return calls.map(([mask]) => [...mask.data]);
    }),
  );
  const [reference, ...others] = masks;
  for (const other of others) expect(other).toEqual(reference);
  expect(reference![0]).not.toEqual(reference![1]);
  const kept = reference![0]!.filter((value) => value !== 0);
  expect(new Set(kept).size).toBe(1);
  expect(kept.length / 1000).toBeCloseTo(0.7, 1);
});

test("one seed gives one model, another seed another", async () => {
  const [first, again] = [await train("cpu", 2), await train("cpu", 2)];
  expect(again).toEqual(first);
  setRandomSeed(8);
  const other = demo();
  setRandomSeed(7);
  const one = demo();
  expect((await other.getWeights())[0]!.data).not.toEqual((await one.getWeights())[0]!.data);
});

describe.each(engineNames)("%s", (name) => {
  test.each(["float16", "float64"] as const)("trains in %s", async (floatx) => {
    configure({ floatx, notice: false });
    setRandomSeed(3);
    const model = Sequential([
      Dense(16, { inputDim: 20, activation: "relu" }),
      Dropout(0.1, { seed: 3 }),
      Dense(1, { activation: "sigmoid" }),
    ]);
    expect(model.weights.map(({ dtype }) => dtype)).toEqual(Array.from({ length: 4 }, () => floatx));
    model.compile({ loss: "mse", optimizer: "rmsprop", backend: await engine(name) });
    // Whether the first feature is large can be learned in a few epochs.
    const target = Float32Array.from({ length: 1000 }, (_, i) => Number(x.data[i * 20]! > 0.5));
    const { history } = await model.fit(x, target, { epochs: 6, batchSize: 50, verbose: 0 });
    const losses = history["loss"]!;
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.9);
    expect((await model.predict(x)).dtype).toBe(floatx);
    model.dispose();
  });

  test("training steps grow no memory", async () => {
    const backend = await engine(name);
    const long = process.env["POLYKERAS_LONG"] !== undefined;
    const options = { batchSize: 128, verbose: 0, validationSplit: 0.1 } as const;
    const life = async (epochs: number): Promise<void> => {
      const model = demo();
      model.compile({ loss: "binary_crossentropy", optimizer: "adam", metrics: ["accuracy"], backend });
      await model.fit(x, y, { ...options, epochs: 2 });
      await model.predict(x);
      const steady = backend.memory?.();
      await model.fit(x, y, { ...options, epochs });
      await model.predict(x);
      expect(growth(steady, backend.memory?.())).toEqual({ buffers: 0, bytes: 0 });
      model.dispose();
    };
    await life(1);
    // What stays after the first model is the engine's own, for programs of these shapes.
    const idle = backend.memory?.();
    // 8 steps an epoch: 100,000 of them on the default engine.
    await life(long ? (name === "cpu" ? 12_500 : 1250) : 5);
    expect(growth(idle, backend.memory?.())).toEqual({ buffers: 0, bytes: 0 });
  });
});

test("models that nobody holds give their memory back", async () => {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("no garbage collector to call");
  const backend = await engine("cpu");
  const lose = async (): Promise<void> => {
    const model = demo();
    model.compile({ loss: "binary_crossentropy", optimizer: "adam", backend });
    await model.fit(x, y, { batchSize: 500, verbose: 0 });
  };
  await lose();
  const one = backend.memory!().buffers;
  for (let i = 0; i < 10; i++) await lose();
  const kept = backend.memory!().buffers;
  expect(kept).toBeGreaterThan(one);
  for (let i = 0; i < 50 && backend.memory!().buffers > one; i++) {
    Reflect.apply(collect, undefined, []);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(backend.memory!().buffers).toBeLessThanOrEqual(one);
});

test("training goes on where it was when the engine changes", async () => {
  const run = async (engines: readonly EngineName[]): Promise<number[]> => {
    setRandomSeed(5);
    const model = Sequential([Dense(8, { inputDim: 20, activation: "tanh" }), Dense(1)]);
    const losses: number[] = [];
    for (const name of engines) {
      await useBackend(await engine(name));
      if (losses.length === 0) model.compile({ loss: "mse", optimizer: "adam" });
      const { history } = await model.fit(x, y, { epochs: 1, shuffle: false, verbose: 0 });
      losses.push(...history["loss"]!);
    }
    return losses;
  };
  const steady = await run(["reference", "reference", "reference"]);
  const moved = await run(["reference", "cpu", "tfjs:wasm"]);
  for (const [i, loss] of moved.entries()) expect(loss).toBeCloseTo(steady[i]!, 5);
});
