import { create as createReference } from "@polykeras/backend-reference";
import { type Program, type TypedArray, sizeOf } from "@polykeras/core";
import { describe, expect, test, vi } from "vitest";
import { choicesOf } from "../choices.ts";
import { create, createForced } from "../engine.ts";
import { type Convolution, eachProduct } from "../fixtures/convolution.ts";
import { ProgramBuilder, at, runOnce, sample } from "../fixtures/program.ts";
import { geometryOf } from "./conv-geometry.ts";
import { winogradKernelOf, winogradOf } from "./winograd-plan.ts";

// For machines that are busy.
vi.setConfig({ testTimeout: 60_000 });

type Wanted = "x" | "kernel" | "y";
type Pads = readonly [readonly [number, number], readonly [number, number]];

interface Problem extends Convolution {
  readonly wanted: Wanted;
  readonly pads: Pads;
}

const same: Pads = [
  [1, 1],
  [1, 1],
];
const valid: Pads = [
  [0, 0],
  [0, 0],
];

/** Where the result is x, `channels` are those of y. */
function problem(
  wanted: Wanted,
  [batch, height, width, channels]: readonly [number, number, number, number],
  filters: number,
  pads: Pads = same,
): Problem {
  const [depth, all] = wanted === "x" ? [filters, channels] : [channels, filters];
  const [down, across] = pads;
  const out = [height + down[0] + down[1] - 2, width + across[0] + across[1] - 2];
  const ones = [1, 1];
  return {
    wanted,
    pads,
    x: [batch, height, width, depth],
    kernel: [3, 3, depth, all],
    y: [batch, ...out, all],
    strides: ones,
    inputDilation: ones,
    kernelDilation: ones,
    groups: 1,
    low: [down[0], across[0]],
  };
}

const feeding = { y: ["x", "kernel"], x: ["y", "kernel"], kernel: ["x", "y"] } as const;
const feedsOf = ({ wanted }: Problem): readonly ["x" | "y", "y" | "kernel"] => feeding[wanted];
const ops = { y: "conv", x: "convInputGradient", kernel: "convKernelGradient" } as const;

function programOf(of: Problem): Program {
  const { wanted, strides, inputDilation, kernelDilation, pads } = of;
  const attributes = { strides, inputDilation, kernelDilation, groups: 1, batchGroups: 1, padding: pads };
  const builder = new ProgramBuilder();
  const inputs = feedsOf(of).map((name) => builder.input(of[name]));
  const shape = wanted === "y" ? {} : { shape: of[wanted] };
  const result = builder.op(ops[wanted], inputs, { ...attributes, ...shape });
  return builder.program([result]);
}

function isChosen(of: Problem): boolean {
  const { attributes } = at(programOf(of).steps, 0);
  const inputs = [{ shape: of.x, dtype: "float32" as const }];
  const choices = choicesOf(true);
  const geometry = geometryOf(of.x, of.kernel, of.y, { inputs, outputs: [], attributes, choices });
  if (of.wanted === "kernel") return winogradKernelOf(geometry, choices) !== null;
  return winogradOf(geometry, of.wanted, choices) !== null;
}

const samples = (of: Problem, seed: number): Float32Array[] =>
  feedsOf(of).map((name, i) =>
    Float32Array.from(sample("float32", sizeOf(of[name]), seed + i), (value) => value * Math.PI),
  );

/** Tells where a result differs from the sums of the products by more than the conformance suite allows. */
function judge(of: Problem, feeds: readonly TypedArray[]): (result: readonly number[]) => string[] {
  const { wanted } = of;
  const [totals, magnitudes] = [0, 1].map(() => new Float64Array(sizeOf(of[wanted])));
  let terms = 0;
  eachProduct(of, (x, kernel, y) => {
    const index = { x, kernel, y };
    const [a, b] = feedsOf(of).map((name, i) => feeds[i]![index[name]]!);
    const product = a! * b!;
    totals![index[wanted]]! += product;
    magnitudes![index[wanted]]! += Math.abs(product);
    terms++;
  });
  // Places at the edge have fewer terms than the mean.
  const limit = Math.min(2e-5, (terms / totals!.length + 2) * 2 ** -24);
  return (result) =>
    Array.from(totals!).flatMap((exact, i) => {
      const got = result[i]!;
      const isSame = Object.is(got, Math.fround(exact)) || Math.abs(got - exact) <= limit * magnitudes![i]!;
      return isSame ? [] : [`element ${i} is ${got}, not ${exact}`];
    });
}

const engines = [
  ["cpu", create({ threads: 1 })],
  ["cpu:nofma", create({ threads: 1, fma: false })],
] as const;

const problems: Readonly<Record<string, Problem>> = {
  "even sizes": problem("y", [2, 6, 8, 16], 16),
  "odd sizes": problem("y", [1, 11, 9, 16], 16),
  "no padding": problem("y", [2, 8, 10, 16], 24, valid),
  "no padding and odd sizes": problem("y", [1, 13, 11, 17], 16, valid),
  "uneven padding": problem("y", [1, 6, 9, 16], 16, [
    [2, 0],
    [0, 3],
  ]),
  "padding beyond the kernel": problem("y", [1, 5, 4, 16], 16, [
    [4, 3],
    [3, 5],
  ]),
  "channels that are no whole vectors": problem("y", [2, 6, 6, 19], 37),
  "channels of the last panel that are no whole vectors": problem("y", [1, 10, 10, 16], 13),
  "rows of several blocks": problem("y", [1, 13, 31, 40], 33),
  "rows that are longer than a block": problem("y", [1, 3, 71, 64], 65),
  "filters of several passes": problem("y", [2, 4, 6, 300], 131),
  "the input's gradient": problem("x", [2, 6, 7, 24], 18),
  "the input's gradient without padding": problem("x", [1, 6, 9, 18], 21, valid),
  "the input's gradient with uneven padding": problem("x", [1, 8, 8, 16], 16, [
    [2, 1],
    [0, 2],
  ]),
  "the input's gradient in several passes": problem("x", [1, 4, 6, 300], 70),
  "the kernel's gradient": problem("kernel", [2, 8, 8, 16], 16),
  "the kernel's gradient of odd sizes": problem("kernel", [3, 11, 9, 18], 21),
  "the kernel's gradient without padding": problem("kernel", [2, 14, 14, 17], 14, valid),
  "the kernel's gradient with uneven padding": problem("kernel", [3, 9, 9, 16], 16, [
    [2, 1],
    [0, 3],
  ]),
  "the kernel's gradient in several blocks": problem("kernel", [2, 3, 71, 64], 65),
  "the kernel's gradient in several passes": problem("kernel", [3, 4, 6, 300], 131),
};

describe.each(Object.entries(problems))("%s", (_name, of) => {
  test("are computed by Winograd's algorithm, within the tolerance", async () => {
    expect(isChosen(of)).toBe(true);
    const feeds = samples(of, 1);
    const wrong = judge(of, feeds);
    for (const [name, engine] of engines) {
      const [result] = await runOnce(engine, programOf(of), feeds);
      expect([name, ...wrong(result!).slice(0, 3)]).toEqual([name]);
    }
  });
});

test.each([
  ["few channels", problem("y", [1, 8, 8, 15], 32)],
  ["fewer outputs than a tile", problem("y", [1, 3, 3, 32], 32, valid)],
  ["no filters", problem("y", [1, 8, 8, 32], 0)],
  ["the kernel's gradient of few channels", problem("kernel", [8, 8, 8, 3], 32)],
])("%s are left to the direct algorithm", (_name, of) => expect(isChosen(of)).toBe(false));

test("sums that are exact are those of the reference engine", async () => {
  const of = problem("y", [1, 7, 8, 20], 24);
  const feeds = samples(of, 4).map((values) => values.map((value) => Math.round(value)));
  const [reference] = await runOnce(createReference(), programOf(of), feeds);
  for (const [, engine] of engines)
    expect((await runOnce(engine, programOf(of), feeds))[0]).toEqual(reference);
});

describe("what is not finite", () => {
  const special = [Number.NaN, Infinity, -Infinity];
  const large = [3e38, -3e38, 2.5e38];

  test.each([
    ["an input", problem("y", [2, 9, 8, 16], 20), 0, special],
    ["an input without padding", problem("y", [1, 10, 10, 16], 20, valid), 0, special],
    ["a weight", problem("y", [1, 6, 6, 16], 16), 1, special],
    ["a weight without padding", problem("y", [1, 6, 6, 16], 16, valid), 1, special],
    ["a cotangent", problem("x", [2, 6, 7, 16], 18), 0, special],
    ["an input of the kernel's gradient", problem("kernel", [2, 9, 10, 16], 17), 0, special],
    ["a cotangent of the kernel's gradient", problem("kernel", [2, 10, 10, 16], 16), 1, special],
    ["an input near the end of the range", problem("y", [1, 9, 8, 16], 20), 0, large],
  ] as const)("in %s makes of the outputs what it makes of the sums", async (_name, of, operand, values) => {
    expect(isChosen(of)).toBe(true);
    for (const [i, value] of values.entries()) {
      const feeds = samples(of, 7);
      const spoiled = feeds[operand]!;
      spoiled[(37 * (i + 1)) % spoiled.length] = value;
      if (i === 1) spoiled[spoiled.length - 5] = values[2]!;
      const wrong = judge(of, feeds);
      for (const [, engine] of engines) {
        const [result] = await runOnce(engine, programOf(of), feeds);
        expect(wrong(result!).slice(0, 3)).toEqual([]);
        expect(result!.every(Number.isFinite)).toBe(false);
      }
    }
  });

  test("has no part in other images", async () => {
    const of = problem("y", [3, 6, 6, 18], 17);
    const feeds = samples(of, 3);
    const [clean] = await runOnce(engines[0][1], programOf(of), feeds);
    const image = feeds[0]!.length / 3;
    feeds[0]!.fill(Number.NaN, image, 2 * image);
    const [spoiled] = await runOnce(engines[0][1], programOf(of), feeds);
    const out = clean!.length / 3;
    expect(spoiled!.slice(out, 2 * out).every(Number.isNaN)).toBe(true);
    for (const from of [0, 2 * out])
      expect(spoiled!.slice(from, from + out)).toEqual(clean!.slice(from, from + out));
  });
});

test("the kernel's gradient of a batch may be summed in parts", async () => {
  const of = problem("kernel", [8, 8, 10, 16], 18);
  const feeds = samples(of, 2);
  const keys = new Set<string>();
  const forced = { partedProducts: 0, partPlaces: 1 };
  const engine = createForced({ threads: 1 }, { forced, note: (key) => keys.add(key) });
  const [result] = await runOnce(engine, programOf(of), feeds);
  expect(judge(of, feeds)(result!)).toEqual([]);
  expect([...keys].filter((key) => /^parts:.*winograd/.test(key)).length).toBeGreaterThan(0);
});

test("the kernel's gradient has the same bits on every number of threads", async () => {
  const of = problem("kernel", [8, 24, 24, 16], 16);
  expect(isChosen(of)).toBe(true);
  const feeds = samples(of, 6);
  const results = await Promise.all(
    [1, 2, 4].map((threads) => runOnce(create({ threads, sharedFrom: 0 }), programOf(of), feeds)),
  );
  for (const result of results) expect(result).toEqual(results[0]);
});

test("an image alone has the same bits as in a batch, on every number of threads", async () => {
  const of = problem("y", [7, 15, 14, 32], 40);
  const feeds = samples(of, 5);
  const results = await Promise.all(
    [1, 2, 4].map((threads) => runOnce(create({ threads, sharedFrom: 0 }), programOf(of), feeds)),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  const one = problem("y", [1, 15, 14, 32], 40);
  const image = feeds[0]!.slice((feeds[0]!.length / 7) * 6);
  const [alone] = await runOnce(engines[0][1], programOf(one), [image, feeds[1]!]);
  expect(at(at(results, 0), 0).slice(-alone!.length)).toEqual(alone);
});
