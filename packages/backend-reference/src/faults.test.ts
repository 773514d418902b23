import { runConformance } from "@polykeras/backend-conformance";
import {
  type Backend,
  type Kernel,
  type KernelTable,
  type Primitives,
  type TypedArray,
  fromKernels,
} from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { binary, unary } from "./elementwise.ts";
import { kernels } from "./kernels.ts";

/** Changes what a kernel returns. */
type Change = (result: TypedArray, inputs: readonly TypedArray[]) => TypedArray;

function changed<A>(kernel: Kernel<TypedArray, A>, change: Change): Kernel<TypedArray, A> {
  return (inputs, attributes, output) =>
    change(
      kernel(inputs, attributes, output),
      inputs.map(({ handle }) => handle),
    );
}

function engine(wrong: Partial<KernelTable<TypedArray>>): Backend {
  return fromKernels<TypedArray>({
    name: "faulty",
    kernels: { ...kernels, ...wrong },
    upload: (data) => data.slice(),
    download: (handle) => handle.slice(),
    free: () => {},
  });
}

const dropLast: Change = (result) => {
  if (result.length % 2 === 1) result[result.length - 1] = 0;
  return result;
};

/** Sums in float32, one term after the other. */
const floatSum: Kernel<TypedArray> = ([x]) => {
  let total = 0;
  for (const value of x!.handle) total = Math.fround(total + value);
  return Float32Array.of(total);
};

/** As argmax, but the last of equals along the last axis. */
const lastOfEquals: Kernel<TypedArray, Primitives["argmax"]> = (inputs, attributes, output) => {
  const [{ handle, spec }] = [inputs[0]!];
  const length = spec.shape.at(-1) ?? 1;
  if (attributes.axis !== spec.shape.length - 1) return kernels.argmax(inputs, attributes, output);
  return Int32Array.from({ length: handle.length / length }, (_, row) => {
    const values = handle.subarray(row * length, (row + 1) * length);
    return values.lastIndexOf(Math.max(...values));
  });
};

const longSum: Kernel<TypedArray, Primitives["sum"]> = (inputs, attributes, output) =>
  output.shape.length === 0 && output.dtype === "float32"
    ? floatSum(inputs, attributes, output)
    : kernels.sum(inputs, attributes, output);

const keepNumber: Kernel<TypedArray, Primitives["cast"]> = ([x], attributes, output) =>
  output.dtype === "bool" ? Uint8Array.from(x!.handle) : kernels.cast([x!], attributes, output);

const oneEarly: Kernel<TypedArray, Primitives["slice"]> = (inputs, attributes, output) => {
  const begin = attributes.begin.map((first) => Math.max(0, first - 1));
  return kernels.slice(inputs, { ...attributes, begin }, output);
};

const inverse = (permutation: readonly number[]): number[] =>
  permutation.map((_, i) => permutation.indexOf(i));

/** One wrong kernel per engine, and the K functions whose vectors must show it. */
const faults: readonly (readonly [
  fault: string,
  wrong: Partial<KernelTable<TypedArray>>,
  shownBy: string[],
])[] = [
  ["halves round up", { round: unary(Math.round) }, ["round"]],
  ["maximum ignores NaN", { maximum: binary((x, y) => (x > y ? x : y)) }, ["maximum"]],
  ["odd lengths lose their last element", { exp: changed(kernels.exp, dropLast) }, ["exp"]],
  ["sign of NaN is 0", { sign: unary((x) => (x > 0 ? 1 : x < 0 ? -1 : 0)) }, ["sign"]],
  ["the remainder has the dividend's sign", { mod: binary((x, y) => x % y) }, ["mod"]],
  ["a floor is a truncation", { floorDivide: binary((x, y) => Math.trunc(x / y)) }, ["floorDivide"]],
  ["integer powers lose bits", { power: binary((x, y) => x ** y) }, ["power"]],
  ["log1p cancels near 0", { log1p: unary((x) => Math.log(Math.fround(1 + x))) }, ["softplus"]],
  ["expm1 cancels near 0", { expm1: unary((x) => Math.fround(Math.exp(x)) - 1) }, ["elu"]],
  ["tanh cancels near 0", { tanh: unary((x) => 1 - 2 / (Math.exp(2 * x) + 1)) }, ["tanh"]],
  [
    "the sine reduces its argument coarsely",
    { sin: unary((x) => Math.sin(x % Math.fround(2 * Math.PI))) },
    ["sin"],
  ],
  ["argmax takes the last of equals", { argmax: lastOfEquals }, ["argmax"]],
  ["a cast to bool keeps the number", { cast: keepNumber }, ["cast"]],
  ["long sums run in float32 one by one", { sum: longSum }, ["sum"]],
  [
    "the empty maximum is 0",
    { max: changed(kernels.max, (result, [x]) => (x!.length === 0 ? result.fill(0) : result)) },
    ["max"],
  ],
  [
    "a transposed operand is read as it lies",
    {
      matmul: (inputs, attributes, output) =>
        kernels.matmul(inputs, { ...attributes, transposeB: false }, output),
    },
    ["dot"],
  ],
  [
    "a permutation is applied backwards",
    {
      transpose: (inputs, { permutation }, output) =>
        kernels.transpose(inputs, { permutation: inverse(permutation) }, output),
    },
    ["permuteDimensions"],
  ],
  [
    "pieces are concatenated in reverse",
    {
      concatenate: (inputs, attributes, output) =>
        kernels.concatenate(inputs.toReversed(), attributes, output),
    },
    ["concatenate", "stack"],
  ],
  ["a slice starts one early", { slice: oneEarly }, ["concatenate"]],
  ["a result is not written", { negative: ([x]) => x!.handle.slice() }, ["negative"]],
];

const failing = async (backend: Backend, only: string[]): Promise<string[]> =>
  (await runConformance(backend, { only })).failures.map(({ id }) => id);

describe("the vectors catch", () => {
  test.each(faults)("%s", async (_fault, wrong, shownBy) => {
    const without = new Set(await failing(engine({}), shownBy));
    const caught = (await failing(engine(wrong), shownBy)).filter((id) => !without.has(id));
    expect(caught).not.toEqual([]);
  });
});

test("an engine that leaves everything to others passes nothing as its own", async () => {
  const idle: Backend = { ...engine({}), supports: () => "too tired" };
  const { totals, hosted } = await runConformance(idle, { only: ["exp", "dot"] });
  expect(totals.own.pass + totals.gradient.pass).toBe(0);
  expect(hosted.map(({ reason }) => reason)).toEqual(["too tired"]);
});
