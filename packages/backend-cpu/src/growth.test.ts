import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { K, useBackend } from "@polykeras/core";
import { afterEach, expect, test, vi } from "vitest";
import { create } from "./engine.ts";
import { watchModules } from "./fixtures/modules.ts";
import { recorded } from "./fixtures/recorded.ts";
import { type TrainingStep, embeddedGru, lstm } from "./fixtures/recurrent.ts";
import { heap } from "./memory/heap.ts";

const steps = process.env["POLYKERAS_LONG"] ? 100_000 : 1000;
const warmUp = 500;
/** Bytes that all steps together may leave behind in JavaScript: what V8 learns late is some 90,000. */
const leeway = 2 ** 18;

vi.setConfig({ testTimeout: 600_000 });

afterEach(async () => {
  K.clearSession();
  await useBackend("cpu");
});

/** Bytes in use once everything that can go is gone. */
async function heapUsed(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("no garbage collector to call");
  for (let i = 0; i < 4; i++) {
    Reflect.apply(collect, undefined, []);
    // What is collected is told of in turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed: used, arrayBuffers } = process.memoryUsage();
  return used + arrayBuffers;
}

/** The mean loss of so many steps over batches of 8 samples, of which each fifth is the short last one of an epoch. */
async function train(step: TrainingStep, count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += await step(i % 5 === 4 ? 5 : 8, 12);
  return sum / count;
}

const networks = { "an LSTM": lstm, "a GRU over an embedding": embeddedGru } as const;
const cases = Object.entries(networks).flatMap(([name, make]) =>
  [1, 2].map((threads) => ({ name, make, threads })),
);

test.each(cases)("training $name on $threads thread(s) grows nothing", async ({ make, threads }) => {
  const engine = create({ threads, ...(threads > 1 && { sharedFrom: 0 }) });
  const { backend, programs } = recorded(engine);
  const modules = watchModules();
  try {
    await useBackend(backend);
    const step = make();
    const first = await train(step, warmUp);
    await vi.waitFor(() => expect(engine.threads().workers).toBe(threads - 1), { timeout: 60_000 });
    const state = (): object => ({
      ...engine.memory?.(),
      pages: heap(threads > 1).memory.buffer.byteLength / 65_536,
      programs: programs.length,
      modules: modules.sizes.length,
      workers: engine.threads().workers,
    });
    const before = state();
    expect(before).toMatchObject({ programs: 2, workers: threads - 1 });
    const used = await heapUsed();
    const mean = await train(step, steps);
    expect(state()).toEqual(before);
    expect((await heapUsed()) - used).toBeLessThan(leeway);
    expect(mean).toBeLessThan(first);
    const shared = engine.threads().claimed.reduce((sum, chunks) => sum + chunks, 0);
    expect(shared > 0).toBe(threads > 1);
  } finally {
    modules.stop();
    await useBackend("cpu");
    engine.dispose();
  }
});
