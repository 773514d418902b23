import { GPU } from "gpu.js";
import { afterAll, expect, test } from "vitest";
import { programOf } from "../../../backend-tfjs/src/fixtures/run-op.ts";
import { plan } from "../plan/plan.ts";
import { functionsOf } from "./power2.ts";

const gpu = new GPU({ mode: "webasm" });
afterAll(() => gpu.destroy());

/** Runs what is written for a GPU in gpu.js's WebAssembly mode, whose sums, products and quotients are IEEE 754's. */
function run(op: string, inputs: readonly Float32Array[]): Float32Array {
  const spec = { shape: [inputs[0]!.length], dtype: "float32" as const };
  const program = programOf(
    op,
    inputs.map(() => spec),
    {},
  );
  const { kernels } = plan(program, { mode: "webgpu", arguments: 8 });
  const { source, output } = kernels[0]!;
  expect(source).not.toMatch(/Math\.(exp|expm1|log|log1p|sin|cos|tanh|pow)\(/);
  const kernel = gpu.createKernel(source, { output: [...output], precision: "single" });
  kernel.setFunctions([...functionsOf(source)]);
  const result: unknown = kernel(...inputs);
  kernel.destroy();
  if (!(result instanceof Float32Array)) throw new TypeError("no floats");
  return result;
}

const smallest = 2 ** -126;
const ulpOf = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), smallest))) - 23);

/** The largest distance in ulp; what lies below the smallest normal number may be 0. */
function worst(got: Float32Array, wanted: readonly number[]): { ulp: number; wrong: string[] } {
  let ulp = 0;
  const wrong: string[] = [];
  for (const [i, want] of wanted.entries()) {
    const rounded = Math.fround(want);
    const value = got[i]!;
    if (Number.isFinite(rounded) && Number.isFinite(value)) {
      if (Math.abs(want) < smallest && Math.abs(value) <= smallest) continue;
      ulp = Math.max(ulp, Math.abs(value - want) / ulpOf(want));
    } else if (!Object.is(rounded, value)) wrong.push(`[${i}] ${value}, not ${rounded}`);
  }
  return { ulp, wrong };
}

let seed = 7;
const draw = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
const bits = new Uint32Array(1);
const view = new Float32Array(bits.buffer);

/** Every float alike, small and large, and those in the middle where functions have their bends. */
function sample(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    if (i % 4 === 1) return (draw() - 0.5) * 4;
    if (i % 4 === 2) return (draw() - 0.5) * 200;
    if (i % 4 === 3) return (draw() - 0.5) * 5000;
    bits[0] = Math.floor(draw() * 2 ** 32);
    // Engines may take what is not normal for 0.
    return Math.abs(view[0]!) < smallest ? 0 : view[0]!;
  });
}

const special = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  0.5,
  -0.5,
  3.4028235e38,
  -3.4028235e38,
  1e20,
  2e-38,
];

const functions: readonly [op: string, f: (x: number) => number, ulp: number][] = [
  ["exp", Math.exp, 1],
  ["expm1", Math.expm1, 2],
  ["log", Math.log, 1],
  ["log1p", Math.log1p, 3],
  ["tanh", Math.tanh, 2],
  ["sin", Math.sin, 3],
  ["cos", Math.cos, 3],
];

test.each(functions)("%s over all floats", (op, f, limit) => {
  const x = Float32Array.of(...special, ...sample(100_000));
  const { ulp, wrong } = worst(run(op, [x]), Array.from(x, f));
  expect(wrong).toEqual([]);
  expect(ulp).toBeLessThan(limit);
});

/** As IEEE 754 has it: JavaScript differs where NaN and infinite exponents meet 1. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

test("power, near 1 and far, and at every pair of special values", () => {
  const count = 100_000;
  const x = Float32Array.from({ length: count }, (_, i) =>
    i % 2 === 0 ? draw() * 100 : 1 + (draw() - 0.5) * 0.01,
  );
  const y = Float32Array.from({ length: count }, (_, i) => (draw() - 0.5) * (i % 2 === 0 ? 80 : 20_000));
  const far = worst(
    run("power", [x, y]),
    Array.from(x, (base, i) => power(base, y[i]!)),
  );
  expect(far.wrong).toEqual([]);
  expect(far.ulp).toBeLessThan(1.5);
  const [a, b] = [special.flatMap((v) => special.map(() => v)), special.flatMap(() => special)].map((v) =>
    Float32Array.from(v),
  );
  const pairs = worst(
    run("power", [a!, b!]),
    Array.from(a!, (base, i) => power(base, b![i]!)),
  );
  expect(pairs.wrong).toEqual([]);
  expect(pairs.ulp).toBeLessThan(1.5);
});
