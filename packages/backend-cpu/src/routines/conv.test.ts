import { type Attributes, type DType, sizeOf } from "@polykeras/core";
import { describe, expect, test, vi } from "vitest";
import { create } from "../engine.ts";
import { type Convolution, eachProduct } from "../fixtures/convolution.ts";
import { Dice } from "../fixtures/dice.ts";
import { ProgramBuilder, at, runOnce, sample } from "../fixtures/program.ts";

const engines = [
  ["cpu", create()],
  ["cpu:nofma", create({ fma: false })],
  ["cpu on three threads", create({ threads: 3, sharedFrom: 0 })],
] as const;

/** Seeds tried: many in the long tests. */
const rounds = process.env["POLYKERAS_LONG"] ? 20 : 1;
// For machines that are busy.
vi.setConfig({ testTimeout: 60_000 * rounds });

type Wanted = "x" | "kernel" | "y";
const ops = { x: "convInputGradient", kernel: "convKernelGradient", y: "conv" } as const;

interface Problem extends Convolution {
  readonly dtype: DType;
  readonly attributes: Attributes;
  readonly wanted: Wanted;
}

function problem(seed: number, wanted: Wanted): Problem {
  const dice = new Dice(seed);
  const axes = dice.between(1, 3);
  const list = (low: number, high: number): number[] =>
    Array.from({ length: axes }, () => dice.between(low, high));
  const rare = (values: number[]): number[] => (dice.roll(2) === 0 ? values : values.map(() => 1));
  const groups = dice.pick([1, 1, 1, 2, 5, 8]);
  const depth = dice.pick(groups > 2 ? [1] : [1, 2, 3, 5, 9]);
  const filters = dice.pick(groups > 2 ? [1, 1, 2] : [1, 2, 4, 7, 13, 16]) * groups;
  const taps = list(1, 4);
  const kernelDilation = rare(list(1, 3));
  const [strides, low, high] = [rare(list(1, 3)), list(0, 3), list(0, 3)];
  const inputDilation = wanted === "y" ? rare(list(1, 3)) : list(1, 1);
  // Sizes that the window fits into.
  const size = list(1, 8).map((length, a) => {
    const covers = (taps[a]! - 1) * kernelDilation[a]! + 1 - low[a]! - high[a]!;
    return Math.max(length, Math.ceil((covers - 1) / inputDilation[a]!) + 1);
  });
  const x = [dice.between(1, 3), ...size, depth * groups];
  const kernel = [...taps, depth, filters];
  const out = size.map((length, a) => {
    const covers = (taps[a]! - 1) * kernelDilation[a]! + 1;
    return Math.floor(((length - 1) * inputDilation[a]! + 1 + low[a]! + high[a]! - covers) / strides[a]!) + 1;
  });
  const padding = low.map((count, a) => [count, high[a]!]);
  const geometry = { strides, padding, inputDilation, kernelDilation, groups, batchGroups: 1 };
  const shapes = { x, kernel, y: [x[0]!, ...out, filters] };
  return {
    ...shapes,
    strides,
    low,
    inputDilation,
    kernelDilation,
    groups,
    dtype: dice.pick(["float32", "float32", "float64", "float16", "int32", "uint8"] as const),
    attributes: wanted === "y" ? geometry : { ...geometry, shape: shapes[wanted] },
    wanted,
  };
}

const limits: Readonly<Partial<Record<DType, number>>> = { float32: 2e-6, float16: 2e-3, float64: 1e-13 };

async function check(
  of: Problem,
  seed: number,
  change: (values: ArrayLike<number>, operand: number) => ArrayLike<number> = (values) => values,
): Promise<string[]> {
  const { dtype, wanted } = of;
  const data = {
    x: sample(dtype, sizeOf(of.x), seed),
    kernel: sample(dtype, sizeOf(of.kernel), seed + 1),
    y: sample(dtype, sizeOf(of.y), seed + 2),
  };
  const operands = (["x", "y", "kernel"] as const).filter((name) => name !== wanted);
  const pair = wanted === "x" || wanted === "kernel" ? operands : (["x", "kernel"] as const);
  for (const [i, name] of pair.entries()) data[name].set(change(data[name], i));
  const integer = !dtype.startsWith("float");
  const wrap = (value: number): number => (dtype === "uint8" ? value & 255 : value | 0);
  const totals = new Float64Array(sizeOf(of[wanted]));
  eachProduct(of, (i, j, k) => {
    const index = { x: i, kernel: j, y: k };
    const [a, b] = pair.map((name) => data[name][index[name]]!);
    const product = integer ? Math.imul(a!, b!) : a! * b!;
    totals[index[wanted]]! += product;
  });
  const builder = new ProgramBuilder();
  const inputs = pair.map((name) => builder.input(of[name], dtype));
  const program = builder.program([builder.op(ops[wanted], inputs, of.attributes)]);
  const scale = totals.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1,
  );
  const wrong: string[] = [];
  for (const [name, engine] of engines) {
    const step = {
      op: ops[wanted],
      attributes: of.attributes,
      inputs: inputs.map((id) => at(builder.values, id).spec),
      outputs: [],
    };
    expect(engine.supports!(step)).toBe(true);
    const [got] = await runOnce(
      engine,
      program,
      pair.map((operand) => data[operand]),
    );
    const bad = got!.findIndex((value, i) => {
      const exact = totals[i]!;
      const same = Object.is(value, exact) || value === exact || (integer && value === wrap(exact));
      return !same && !(Math.abs(value - exact) <= (limits[dtype] ?? 0) * scale);
    });
    if (bad >= 0 || got!.length !== totals.length)
      wrong.push(`seed ${seed} on ${name}: element ${bad} is ${got![bad]}, not ${totals[bad]}`);
  }
  return wrong;
}

describe.each(["y", "x", "kernel"] as const)("%s of a convolution", (wanted) => {
  test("is the sum of the products of random tensors", async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 60 * rounds; seed++) wrong.push(...(await check(problem(seed, wanted), seed)));
    expect(wrong.slice(0, 10)).toEqual([]);
  });

  test("has nothing of the padding where a factor is not finite", async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 30 * rounds; seed++) {
      const of = problem(seed, wanted);
      if (!of.dtype.startsWith("float")) continue;
      const dice = new Dice(seed);
      const spoil = (values: ArrayLike<number>, operand: number): number[] =>
        Array.from(values, (value) =>
          operand === 1 && dice.roll(20) === 0 ? dice.pick([Number.NaN, Infinity, -Infinity]) : value,
        );
      wrong.push(...(await check(of, seed, spoil)));
    }
    expect(wrong.slice(0, 10)).toEqual([]);
  });
});

/** A float32 convolution with steps of 1 and the same padding on all sides. */
function plain(wanted: Wanted, x: readonly number[], kernel: readonly number[], pad: number): Problem {
  const taps = kernel.slice(0, -2);
  const out = taps.map((count, i) => at(x, i + 1) + 2 * pad - count + 1);
  const ones = taps.map(() => 1);
  const shapes = { x, kernel, y: [at(x, 0), ...out, at(kernel, kernel.length - 1)] };
  const steps = { strides: ones, inputDilation: ones, kernelDilation: ones, groups: 1 };
  return {
    ...shapes,
    ...steps,
    low: taps.map(() => pad),
    dtype: "float32",
    wanted,
    attributes: {
      ...steps,
      batchGroups: 1,
      padding: taps.map(() => [pad, pad]),
      ...(wanted === "y" ? {} : { shape: shapes[wanted] }),
    },
  };
}

test("a kernel that is larger than the cache is gone over in blocks of rows, also at their end", async () => {
  expect(await check(plain("y", [1, 5, 11, 1024], [1, 2, 1024, 17], 0), 1)).toEqual([]);
  expect(await check(plain("y", [2, 5, 3, 60], [3, 3, 60, 70], 1), 2)).toEqual([]);
});

test("inputs may be dilated so far that every place has a phase of its own", async () => {
  const dilation = { inputDilation: [13, 17] };
  const of = plain("y", [2, 3, 3, 4], [13, 17, 4, 3], 2);
  const out = [2 * 13 + 1 + 4 - 13 + 1, 2 * 17 + 1 + 4 - 17 + 1];
  const far = { ...of, ...dilation, y: [2, ...out, 3], attributes: { ...of.attributes, ...dilation } };
  expect(await check(far, 5)).toEqual([]);
});

test("the kernel's gradient takes several images at once, and what is left of the batch", async () => {
  expect(await check(plain("kernel", [5, 20, 21, 3], [3, 2, 3, 5], 1), 3)).toEqual([]);
  expect(await check(plain("kernel", [3, 20, 20, 2], [1, 1, 2, 4], 0), 4)).toEqual([]);
});

test("the kernel's gradient of a large batch is summed in parts, with the same bits for all threads", async () => {
  const of = plain("kernel", [8, 24, 24, 8], [3, 3, 8, 16], 1);
  expect(await check(of, 6)).toEqual([]);
  const builder = new ProgramBuilder();
  const inputs = [builder.input(of.x), builder.input(of.y)];
  const program = builder.program([builder.op(ops.kernel, inputs, of.attributes)]);
  const feeds = [sample("float32", sizeOf(of.x), 8), sample("float32", sizeOf(of.y), 9)];
  const results = await Promise.all(
    [1, 2, 4].map(async (threads) => runOnce(create({ threads, sharedFrom: 0 }), program, feeds)),
  );
  for (const result of results) expect(result).toEqual(results[0]);
});

test("sums over long windows keep their accuracy", async () => {
  // All terms have one sign: rounding errors do not cancel, and the sum is the scale.
  const positive = (values: ArrayLike<number>): number[] => Array.from(values, (value) => Math.abs(value));
  expect(await check(plain("y", [1, 300, 64], [300, 64, 3], 0), 3, positive)).toEqual([]);
  expect(await check(plain("kernel", [1, 19_200, 2], [1, 2, 3], 0), 3, positive)).toEqual([]);
  expect(await check(plain("kernel", [40, 150, 2], [3, 2, 3], 1), 3, positive)).toEqual([]);
});
