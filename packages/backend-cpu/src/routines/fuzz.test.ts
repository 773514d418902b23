import { create as createReference } from "@polykeras/backend-reference";
import {
  type Attributes,
  type DType,
  type Program,
  type TypedArray,
  type ValueId,
  sizeOf,
} from "@polykeras/core";
import { describe, expect, test, vi } from "vitest";
import { create } from "../engine.ts";
import { eachProduct } from "../fixtures/convolution.ts";
import { Dice } from "../fixtures/dice.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";
import { numbers } from "../kernels/rule.ts";

/** Seeds tried: many in the long tests. */
const rounds = process.env["POLYKERAS_LONG"] ? 20 : 1;
// For machines that are busy.
vi.setConfig({ testTimeout: 60_000 * rounds });

interface Case {
  readonly program: Program;
  readonly feeds: readonly TypedArray[];
}

const all: readonly DType[] = ["float32", "float64", "float16", "int32", "uint8"];

/** Small numbers with many equals, and now and then NaN, infinities and -0. */
function rough(dtype: DType, count: number, seed: number): TypedArray {
  const data = sample(dtype, count, seed);
  const dice = new Dice(seed + 77);
  if (dtype.startsWith("float") && dice.roll(3) === 0)
    for (let i = 0; i < count; i++)
      if (dice.roll(9) === 0) data[i] = dice.pick([Number.NaN, Infinity, -Infinity, -0, 0, 1]);
  return data;
}

/** Turns operands into inputs, and now and then into layouts that are no storage of their own. */
class Maker {
  readonly builder: ProgramBuilder = new ProgramBuilder();
  readonly feeds: TypedArray[] = [];
  readonly dice: Dice;
  readonly #seed: number;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.#seed = seed;
  }

  tensor(shape: readonly number[], dtype: DType, data?: TypedArray): ValueId {
    const kind = this.dice.roll(6);
    const order = shape.map((_, i) => shape.length - 1 - i);
    const stored = kind === 0 && !data ? order.map((i) => shape[i]!) : shape;
    const input = this.builder.input(stored, dtype);
    this.feeds.push(data ?? rough(dtype, sizeOf(shape), this.#seed + this.feeds.length));
    if (kind === 0 && !data) return this.builder.op("transpose", [input], { permutation: order });
    if (kind === 1 && dtype !== "int32" && dtype !== "bool")
      return this.builder.op("multiply", [input, input]);
    return input;
  }

  finish(outputs: readonly ValueId[]): Case {
    return { program: this.builder.program(outputs), feeds: this.feeds };
  }
}

type Make = (seed: number) => Case;

function one(
  op: string,
  dtypes: readonly DType[],
  of: (dice: Dice) => readonly [number[], Attributes],
): Make {
  return (seed) => {
    const maker = new Maker(seed);
    const [shape, attributes] = of(maker.dice);
    const x = maker.tensor(shape, maker.dice.pick(dtypes));
    return maker.finish(maker.builder.outputs(op, [x], attributes));
  };
}

const dims = [1, 2, 3, 4, 5, 8, 19, 0];
const shapeOf = (dice: Dice, least: number): number[] =>
  Array.from({ length: dice.between(least, 4) }, () => dice.pick(dims));
const axesOf = (dice: Dice, { length }: readonly number[]): number[] =>
  Array.from({ length }, (_, i) => i).filter(() => dice.roll(2) === 1);

function cumulative(dice: Dice): readonly [number[], Attributes] {
  const shape = shapeOf(dice, 1);
  const flag = (): boolean => dice.roll(2) === 1;
  return [shape, { axis: dice.roll(shape.length), exclusive: flag(), reverse: flag() }];
}

/** Lists of numbers between two, one for each of 1 to 3 spatial axes. */
function lists(dice: Dice): (low: number, high: number) => number[] {
  const axes = dice.between(1, 3);
  return (low, high) => Array.from({ length: axes }, () => dice.between(low, high));
}

function windows(dice: Dice): readonly [number[], Attributes] {
  const list = lists(dice);
  const [window, strides] = [list(1, 4), list(1, 3)];
  const padding = window.map((covers) => [dice.roll(covers), dice.roll(covers)]);
  return [[dice.between(1, 3), ...list(1, 7), dice.pick([1, 2, 4, 7, 16, 21])], { window, strides, padding }];
}

/** Indices, some of which are out of range if that is asked for. */
function indicesOf(maker: Maker, shape: readonly number[], rows: number, wild: boolean): ValueId {
  const data = Int32Array.from({ length: sizeOf(shape) }, () =>
    wild && maker.dice.roll(5) === 0
      ? maker.dice.pick([-1, rows, 2 ** 31 - 1, -(2 ** 31)])
      : maker.dice.roll(rows),
  );
  return maker.tensor(shape, "int32", data);
}

const cases: Readonly<Record<string, Make>> = {
  reverse: one("reverse", [...all, "bool"], (dice) => {
    const shape = shapeOf(dice, 1);
    return [shape, { axes: axesOf(dice, shape) }];
  }),
  "reverse in a loop": (seed) => {
    const maker = new Maker(seed);
    const { builder, dice } = maker;
    const shape = shapeOf(dice, 1).map((dim) => Math.max(1, dim));
    const dtype = dice.pick(["float32", "float64", "int32"] as const);
    const x = maker.tensor(shape, dtype);
    const turned = builder.op("reverse", [x], { axes: axesOf(dice, shape) });
    const part = builder.op("slice", [turned], {
      begin: shape.map((dim) => Math.min(1, dim - 1)),
      size: shape.map((dim) => Math.max(1, Math.floor((dim - 1) / 2))),
      strides: shape.map((dim) => (dim > 2 ? 2 : 1)),
    });
    const sum = builder.op("add", [x, turned]);
    return maker.finish([
      sum,
      builder.op("sum", [turned], { axes: axesOf(dice, shape) }),
      builder.op("negative", [part]),
    ]);
  },
  prod: one("prod", all, (dice) => {
    const shape = shapeOf(dice, 1);
    return [shape, { axes: axesOf(dice, shape) }];
  }),
  cumsum: one("cumsum", all, cumulative),
  cumprod: one("cumprod", all, cumulative),
  topK: one("topK", all, (dice) => {
    const shape = [...shapeOf(dice, 0).slice(0, 2), dice.pick([1, 2, 5, 16, 33, 100])];
    return [shape, { k: dice.between(0, shape.at(-1)!) }];
  }),
  gather: (seed) => {
    const maker = new Maker(seed);
    const { dice } = maker;
    const rows = dice.between(1, 9);
    const x = maker.tensor([rows, ...shapeOf(dice, 0).slice(0, 2)], dice.pick([...all, "bool"] as const));
    const indices = indicesOf(maker, shapeOf(dice, 0).slice(0, 2), rows, false);
    return maker.finish([maker.builder.op("gather", [x, indices])]);
  },
  scatterAdd: (seed) => {
    const maker = new Maker(seed);
    const { dice } = maker;
    const rows = dice.between(1, 9);
    const shape = shapeOf(dice, 0).slice(0, 2);
    const row = dice.pick([[], [1], [3], [4], [7], [32], [45], [2, 3], [0]]);
    const indices = indicesOf(maker, shape, rows, true);
    const updates = maker.tensor([...shape, ...row], dice.pick(all));
    return maker.finish([maker.builder.op("scatterAdd", [indices, updates], { rows })]);
  },
  conv: (seed) => {
    const maker = new Maker(seed);
    const { builder, dice } = maker;
    const list = lists(dice);
    const rare = (values: number[]): number[] => (dice.roll(2) === 0 ? values : values.map(() => 1));
    const parts = dice.pick([1, 1, 1, 2, 3]);
    const [groups, batchGroups] = dice.roll(2) === 0 ? [parts, 1] : [1, parts];
    const dtype = dice.pick(["float32", "float32", "float64", "float16", "int32", "uint8"] as const);
    const depth = dice.pick([1, 2, 3, 5, 16]);
    const filters = dice.pick([1, 2, 3, 4, 5, 8, 13, 24]) * parts;
    const x = maker.tensor([dice.between(1, 2) * batchGroups, ...list(1, 9), depth * groups], dtype);
    const space = list(1, 4);
    const weights = sample(dtype, sizeOf(space) * depth * filters, seed + 9);
    const kernel = maker.tensor([...space, depth, filters], dtype, weights);
    const attributes = {
      strides: rare(list(1, 3)),
      padding: list(0, 3).map((low) => [low, dice.roll(4)]),
      inputDilation: rare(list(1, 3)),
      kernelDilation: rare(list(1, 3)),
      groups,
      batchGroups,
    };
    return maker.finish([builder.op("conv", [x, kernel], attributes)]);
  },
  maxPool: one("maxPool", all, windows),
  sumPool: one("sumPool", all, windows),
  maxPoolGradient: (seed) => {
    const maker = new Maker(seed);
    const { builder, dice } = maker;
    const [shape, attributes] = windows(dice);
    const dtype = dice.pick(all);
    const x = builder.input(shape, dtype);
    maker.feeds.push(rough(dtype, sizeOf(shape), seed));
    const y = builder.op("maxPool", [x], attributes);
    const g = maker.tensor(builder.values[y]!.spec.shape, dtype);
    return maker.finish([builder.op("maxPoolGradient", [x, y, g], attributes)]);
  },
};

/** Composites, which the reference engine has no kernels for, and what they are. */
const composites: Readonly<Record<string, (seed: number) => Case & { readonly truth: number[][] }>> = {
  indexAdd: (seed) => {
    const maker = new Maker(seed);
    const { builder, dice } = maker;
    const rows = dice.between(1, 9);
    const row = dice.pick([[], [1], [3], [4], [7], [32], [45], [2, 3], [0]]);
    const dtype = dice.pick(["float32", "float64", "int32", "uint8"] as const);
    const [shape, width] = [shapeOf(dice, 0).slice(0, 2), sizeOf(row)];
    const old = rough(dtype, rows * width, seed);
    const x = maker.tensor([rows, ...row], dtype, old);
    const square = x === 0 ? 1 : 2;
    const at = indicesOf(maker, shape, rows, true);
    const places = maker.feeds.at(-1)!;
    const added = rough(dtype, places.length * width, seed + 5);
    const updates = builder.input([...shape, ...row], dtype);
    maker.feeds.push(added);
    const truth = Array.from(old, (value) => value ** square);
    for (const [i, to] of places.entries())
      if (to >= 0 && to < rows)
        for (let j = 0; j < width; j++) truth[to * width + j]! += added[i * width + j]!;
    const wrapped = dtype === "uint8" ? truth.map((value) => value & 255) : truth;
    return { ...maker.finish([builder.op("indexAdd", [x, at, updates])]), truth: [wrapped] };
  },
  linearRecurrence: (seed) => {
    const maker = new Maker(seed);
    const { builder, dice } = maker;
    const shape = shapeOf(dice, 1);
    const [axis, reverse] = [dice.roll(shape.length), dice.roll(2) === 1];
    const dtype = dice.pick(["float32", "float64", "int32"] as const);
    const [a, b] = [sample(dtype, sizeOf(shape), seed, 1), sample(dtype, sizeOf(shape), seed + 1)];
    const inputs = [a, b].map((data) => {
      maker.feeds.push(data);
      return builder.input(shape, dtype);
    });
    const truth = Array.from({ length: sizeOf(shape) }, () => 0);
    const step = sizeOf(shape.slice(axis + 1)) * (reverse ? -1 : 1);
    const place = (i: number): number => Math.floor(i / Math.abs(step)) % shape[axis]!;
    const order = truth.map((_, i) => i);
    for (const i of reverse ? order.toReversed() : order) {
      const first = place(i) === (reverse ? shape[axis]! - 1 : 0);
      const before = first ? 0 : truth[i - step]!;
      truth[i] = dtype === "int32" ? (b[i]! + Math.imul(a[i]!, before)) | 0 : b[i]! + a[i]! * before;
    }
    return { ...maker.finish([builder.op("linearRecurrence", inputs, { axis, reverse })]), truth: [truth] };
  },
  sumPoolGradient: (seed) => {
    const maker = new Maker(seed);
    const { builder, dice } = maker;
    const [shape, attributes] = windows(dice);
    const dtype = dice.pick(all);
    const pooled = builder.op("sumPool", [builder.input(shape, dtype)], attributes);
    const out = builder.values[pooled]!.spec.shape;
    const g = builder.input(out, dtype);
    const data = sample(dtype, sizeOf(out), seed);
    maker.feeds.push(sample(dtype, sizeOf(shape), seed), data);
    // The image as a tensor of one channel and one tap per element: a window is where a kernel of ones lies.
    const truth = Array.from({ length: sizeOf(shape) }, () => 0);
    const [covers, strides] = [numbers(attributes, "window"), numbers(attributes, "strides")];
    const { padding } = attributes;
    const low = strides.map((_, i) =>
      Array.isArray(padding) ? numbers({ pair: padding[i] }, "pair")[0]! : 0,
    );
    const [batch, channels] = [shape[0]!, shape.at(-1)!];
    const flat = (sizes: readonly number[]): number[] => [batch * channels, ...sizes.slice(1, -1), 1];
    const geometry = {
      x: flat(shape),
      kernel: [...covers, 1, 1],
      y: flat(out),
      strides,
      low,
      inputDilation: strides.map(() => 1),
      kernelDilation: strides.map(() => 1),
      groups: 1,
    };
    const [image, places] = [sizeOf(shape.slice(1, -1)), sizeOf(out.slice(1, -1))];
    const moved = (i: number, size: number): number => {
      const [map, at] = [Math.floor(i / size), i % size];
      return (Math.floor(map / channels) * size + at) * channels + (map % channels);
    };
    eachProduct(geometry, (x, _kernel, y) => {
      truth[moved(x, image)]! += data[moved(y, places)]!;
    });
    const dx = builder.op("sumPoolGradient", [g], { ...attributes, shape });
    const wrapped = dtype === "uint8" ? truth.map((value) => value & 255) : truth;
    return { ...maker.finish([dx]), truth: [wrapped] };
  },
};

const steps: Readonly<Partial<Record<DType, number>>> = { float32: 2e-6, float16: 2e-3, float64: 1e-13 };

/** Where the results differ by more than the rounding of the dtype, relative to the largest finite element. */
function difference(ours: readonly number[], theirs: readonly number[], dtype: DType): string | null {
  if (ours.length !== theirs.length) return `${ours.length} elements, not ${theirs.length}`;
  const scale = theirs.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1,
  );
  for (const [i, value] of theirs.entries()) {
    const got = ours[i]!;
    if (Object.is(got, value) || got === value || Math.abs(got - value) <= (steps[dtype] ?? 0) * scale)
      continue;
    return `element ${i} is ${got}, not ${value}`;
  }
  return null;
}

describe("random calls give what the reference engine gives", () => {
  const engines = [
    ["cpu", create()],
    ["cpu:nofma", create({ fma: false })],
  ] as const;
  const reference = createReference();
  test.each(Object.entries(composites))("%s", async (_name, make) => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 100 * rounds; seed++) {
      const { program, feeds, truth } = make(seed);
      for (const [name, engine] of engines) {
        const ours = await runOnce(engine, program, feeds);
        const found = difference(ours[0]!, truth[0]!, program.values[program.outputs[0]!]!.spec.dtype);
        if (found) wrong.push(`seed ${seed} of ${name}: ${found}`);
      }
    }
    expect(wrong.slice(0, 10)).toEqual([]);
  });

  test.each(Object.entries(cases))("%s", async (_name, make) => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 100 * rounds; seed++) {
      const { program, feeds } = make(seed);
      const theirs = await runOnce(reference, program, feeds);
      for (const [name, engine] of engines) {
        const ours = await runOnce(engine, program, feeds);
        for (const [i, id] of program.outputs.entries()) {
          const found = difference(ours[i]!, theirs[i]!, program.values[id]!.spec.dtype);
          if (found) wrong.push(`seed ${seed}, output ${i} of ${name}: ${found}`);
        }
      }
    }
    expect(wrong.slice(0, 10)).toEqual([]);
  });
});
