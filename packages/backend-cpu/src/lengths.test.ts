import {
  type Backend,
  type Executable,
  K,
  type NDArray,
  type Program,
  type Tensor,
  type TypedArray,
  useBackend,
} from "@polykeras/core";
import { afterEach, describe, expect, test } from "vitest";
import { type CpuBackend, createForced } from "./engine.ts";
import { watchModules } from "./fixtures/modules.ts";
import { ProgramBuilder, at, runOnce, sample } from "./fixtures/program.ts";
import { type TrainingStep, embeddedGru, lstm } from "./fixtures/recurrent.ts";
import { heap } from "./memory/heap.ts";

/** An engine whose code is its own from the start. */
const fresh = (threads = 1): CpuBackend =>
  createForced({ threads, ...(threads > 1 && { sharedFrom: 0 }) }, { note: () => undefined });

/** The engine without `scan`, which core drives then. */
function driven(engine: Backend): Backend {
  const supports: NonNullable<Backend["supports"]> = (step) =>
    step.op === "scan" ? "left to core" : (engine.supports?.(step) ?? true);
  return { ...engine, supports };
}

afterEach(async () => {
  K.clearSession();
  await useBackend("cpu");
});

/** How many modules are compiled meanwhile. */
async function counted(compute: () => Promise<unknown>): Promise<number> {
  const { sizes, stop } = watchModules();
  try {
    await compute();
    return sizes.length;
  } finally {
    stop();
  }
}

const lengths = Array.from({ length: 36 }, (_, i) => 5 + i);
const networks = { "an LSTM": lstm, "a GRU over an embedding": embeddedGru } as const;
const cases = Object.entries(networks).flatMap(([name, make]) =>
  [1, 2].map((threads) => ({ name, make, threads })),
);

/** x times the column sums of 2 x + b, over (rows, 4): a constant in memory, and a value in the arena. */
function weighted(rows: number): Program {
  const builder = new ProgramBuilder();
  const x = builder.input([rows, 4]);
  const doubled = builder.op("multiply", [x, builder.constant([], "float32", [2])]);
  const moved = builder.op("add", [doubled, builder.constant([4], "float32", [rows, 1, 2, 3])]);
  return builder.program([builder.op("multiply", [x, builder.op("sum", [moved], { axes: [0] })])]);
}

/** So many products of the same (rows, 8) and (8, 8). */
function products(count: number, rows: number): Program {
  const builder = new ProgramBuilder();
  const [a, b] = [builder.input([rows, 8]), builder.input([8, 8])];
  const attributes = { transposeA: false, transposeB: false };
  return builder.program(Array.from({ length: count }, () => builder.op("matmul", [a, b], attributes)));
}

interface Feed {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

type Build = () => (feeds: readonly Feed[]) => Promise<readonly NDArray[]>;

const floats = (...shape: number[]): Feed => ({
  data: sample(
    "float32",
    shape.reduce((size, extent) => size * extent, 1),
    3,
  ),
  shape,
});

/** Folds and maps over (time, 3, 5). */
const folded =
  (reverse: boolean): Build =>
  () => {
    const x = K.placeholder({ shape: [null, 3, 5] });
    const start = K.variable({ data: sample("float32", 15, 9), shape: [3, 5] });
    const step = (state: Tensor, slice: Tensor): Tensor => K.tanh(state.add(slice));
    const last = (reverse ? K.foldr : K.foldl)(step, x, { initializer: start });
    const [gradient] = K.gradients(K.sum(last), [start]);
    return K.function([x], [last, gradient!]);
  };

const nested: Build = () => {
  const x = K.placeholder({ shape: [null, null, 5] });
  const sums = K.mapFn(
    (rows) => K.foldl((sum, row) => sum.multiply(0.5).add(row), rows, { initializer: K.zeros([5]) }),
    x,
  );
  return K.function([x], [sums]);
};

const faulty: Build = () => {
  const indices = K.placeholder({ shape: [null, 2], dtype: "int32" });
  const table = K.variable({ data: sample("float32", 20, 4), shape: [5, 4] });
  const start = K.zeros([2, 4]);
  const last = K.foldl((sum, rows) => sum.add(K.gather(table, rows)), indices, { initializer: start });
  return K.function([indices], [last]);
};

const indices = (time: number): Feed => ({
  data: Int32Array.from({ length: 2 * time }, (_, i) => (i === 7 ? 99 : i % 5)),
  shape: [time, 2],
});

const scans: readonly { name: string; build: Build; feed: (time: number) => readonly Feed[] }[] = [
  { name: "a scan", build: folded(false), feed: (time) => [floats(time, 3, 5)] },
  { name: "a scan backwards", build: folded(true), feed: (time) => [floats(time, 3, 5)] },
  { name: "a scan within a scan", build: nested, feed: (time) => [floats(2, time, 5)] },
  { name: "a scan with a fault from four steps on", build: faulty, feed: (time) => [indices(time)] },
];

/** Losses of a network that starts anew, one step for each length. */
async function losses(
  engine: Backend,
  make: () => TrainingStep,
  samples: number,
  times: readonly number[],
): Promise<number[]> {
  await useBackend(engine);
  const step = make();
  const found: number[] = [];
  for (const time of times) found.push(await step(samples, time));
  return found;
}

describe("code for other sizes", () => {
  test.each(cases)(
    "training $name on $threads thread(s) compiles nothing for new lengths, and gives the same bits",
    async ({ make, threads }) => {
      const engine = fresh(threads);
      const others: CpuBackend[] = [];
      try {
        await losses(engine, make, 6, [3]);
        const each: number[][] = [];
        const modules = await counted(async () => {
          for (const time of lengths) each.push(await losses(engine, make, 6, [time, time]));
        });
        expect(modules).toBe(0);
        for (let i = 0; i < lengths.length; i += 7) {
          const other = fresh(threads);
          others.push(other);
          const time = at(lengths, i);
          expect(await losses(other, make, 6, [time, time])).toEqual(each[i]);
        }
      } finally {
        await useBackend("cpu");
        for (const made of [engine, ...others]) made.dispose();
      }
    },
    60_000,
  );

  test("training dense layers on other numbers of samples compiles nothing once all remainders were there", async () => {
    const engine = fresh();
    await useBackend(engine);
    const weight = (...shape: number[]): Tensor => K.randomUniformVariable(shape, -0.5, 0.5, { seed: 3 });
    const x = K.placeholder({ shape: [null, 20] });
    const weights = [weight(20, 24), weight(24), weight(24, 1)];
    const [kernel, bias, out] = weights;
    const hidden = K.dropout(K.relu(K.biasAdd(K.dot(x, kernel!), bias!)), 0.5);
    const loss = K.mean(K.square(K.sigmoid(K.dot(hidden, out!))));
    const updates = K.gradients(loss, weights).map((gradient, i) =>
      K.updateSub(weights[i]!, gradient!.multiply(0.1)),
    );
    const run = K.function([x], [loss], { updates });
    const step = (samples: number): Promise<unknown> =>
      run([{ data: sample("float32", 20 * samples, 5), shape: [samples, 20] }]);
    await step(128);
    expect(await counted(() => step(104))).toBe(0);
    for (let samples = 60; samples < 76; samples++) await step(samples);
    const others = [100, 77, 91, 79, 80, 81, 82, 95];
    expect(
      await counted(async () => {
        for (const samples of others) await step(samples);
      }),
    ).toBe(0);
  });

  test.each(scans)("$name: the bits of each length are those of other code", async ({ build, feed }) => {
    const results = async (engine: Backend, times: readonly number[]): Promise<unknown[]> => {
      await useBackend(engine);
      const run = build();
      const found: unknown[] = [];
      for (const time of times) {
        const values = await run(feed(time)).catch((error: unknown) => String(error));
        found.push(typeof values === "string" ? values : values.map(({ data, shape }) => ({ data, shape })));
      }
      return found;
    };
    const engine = fresh();
    const times = [4, 3, 0, 1, 2, 5, 9, 1, 0, 2, 3];
    const shared = await results(engine, times);
    for (const [i, time] of times.entries()) {
      expect(await results(fresh(), [time])).toEqual([shared[i]]);
      expect(await results(driven(engine), [time])).toEqual([shared[i]]);
    }
    const again = await counted(() => results(engine, [6, 7, 8, 10]));
    expect(again).toBe(0);
  });

  test("programs of one function take turns, and the arena may move", async () => {
    const engine = fresh();
    await useBackend(engine);
    const sizes = [3, 70, 9, 4000, 5];
    const programs: Executable[] = [];
    const modules = await counted(async () => {
      for (const size of sizes) programs.push(await engine.function(weighted(size)));
    });
    expect(modules).toBe(1);
    for (let turn = 0; turn < 3; turn++) {
      heap().reserve(2 ** (21 + turn));
      for (const [i, size] of sizes.entries()) {
        const data = sample("float32", size * 4, i + turn);
        const buffer = await (await engine.placeholder({ shape: [size, 4], dtype: "float32" })).feed(data);
        const [output] = await at(programs, i).run([buffer]);
        const [wanted] = await runOnce(fresh(), weighted(size), [data]);
        expect([...(await output!.read())]).toEqual(wanted);
      }
    }
  });

  test("a program runs on when its code has gone from the library", async () => {
    const engine = fresh();
    await useBackend(engine);
    const first = await engine.function(products(2, 4));
    const modules = await counted(async () => {
      for (let count = 3; count < 140; count++) await engine.function(products(count, 4));
    });
    expect(modules).toBe(137);
    expect(await counted(async () => void (await engine.function(products(2, 8))))).toBe(1);
    expect(await counted(async () => void (await engine.function(products(2, 12))))).toBe(0);
    const identity = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0));
    const data = sample("float32", 32, 1);
    const [left, right] = [
      [4, 8],
      [8, 8],
    ] as const;
    const a = await (await engine.placeholder({ shape: left, dtype: "float32" })).feed(data);
    const b = await (await engine.placeholder({ shape: right, dtype: "float32" })).feed(identity);
    for (const output of await first.run([a, b])) expect(await output.read()).toEqual(data);
  });
});
