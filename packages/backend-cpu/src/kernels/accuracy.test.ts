import { create as createReference } from "@polykeras/backend-reference";
import type { Backend, DType, TypedArray } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { create } from "../engine.ts";
import { ProgramBuilder, runOnce } from "../fixtures/program.ts";
import { bitsOf, fromBits, worst } from "../fixtures/ulp.ts";

const engines: readonly (readonly [string, Backend])[] = [
  ["with fused multiply-add", create()],
  ["without", create({ fma: false })],
];

async function compute(
  engine: Backend,
  op: string,
  dtype: DType,
  ...operands: TypedArray[]
): Promise<number[]> {
  const builder = new ProgramBuilder();
  const inputs = operands.map(({ length }) => builder.input([length], dtype));
  const [result] = await runOnce(engine, builder.program([builder.op(op, inputs)]), operands);
  return result!;
}

/** Every 2^14th float32 between two values, both signs if wished, and the special ones. */
function sweep(from: number, to: number, negative: boolean, count = 60_000): Float32Array {
  const first = bitsOf(from);
  const step = Math.max(1, Math.floor((bitsOf(to) - first) / count));
  const values: number[] = [0, -0, Number.NaN, Infinity, -Infinity, 1, -1, 2 ** -149, -(2 ** -149)];
  for (let i = 0; i < count; i++) {
    const value = fromBits(first + i * step);
    values.push(value);
    if (negative) values.push(-value);
  }
  return Float32Array.from(values);
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const functions: readonly (readonly [string, (x: number) => number, Float32Array])[] = [
  ["exp", Math.exp, sweep(1e-30, 110, true)],
  ["expm1", Math.expm1, sweep(1e-40, 110, true)],
  ["log", Math.log, sweep(2 ** -149, 3e38, true)],
  ["log1p", Math.log1p, sweep(1e-40, 3e38, true)],
  ["tanh", Math.tanh, sweep(1e-40, 30, true)],
  ["sin", Math.sin, sweep(1e-40, 3e38, true)],
  ["cos", Math.cos, sweep(1e-40, 3e38, true)],
  ["sqrt", Math.sqrt, sweep(2 ** -149, 3e38, true)],
  ["sigmoid", sigmoid, sweep(1e-30, 110, true)],
];

describe.each(engines)("float32 %s", (_name, engine) => {
  test.each(functions)("%s is within 2 ulp everywhere", async (op, truth, values) => {
    const got = await compute(engine, op, "float32", values);
    const { error, at } = worst(got, (i) => truth(values[i]!));
    if (error > 2) throw new Error(`${op}(${values[at]}) is ${got[at]}, off by ${error.toFixed(2)} ulp`);
  });

  test.each(["sin", "cos"])("%s of a number is the same beside large ones", async (op) => {
    for (const dtype of ["float32", "float64"] as const) {
      const small = Array.from({ length: 64 }, (_, i) => 1.7 * i - 50);
      const mixed = small.map((value, i) => (i % 3 === 0 ? 2e9 + i : value));
      const make = (data: number[]): TypedArray =>
        dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data);
      const alone = await compute(engine, op, dtype, make(small));
      const beside = await compute(engine, op, dtype, make(mixed));
      expect(beside.filter((_, i) => i % 3 !== 0)).toEqual(alone.filter((_, i) => i % 3 !== 0));
    }
  });

  test("erf is within 2 ulp everywhere", async () => {
    const values = sweep(1e-40, 6, true, 10_000);
    const truth = await compute(createReference(), "erf", "float64", Float64Array.from(values));
    const got = await compute(engine, "erf", "float32", values);
    const { error, at } = worst(got, (i) => truth[i]!);
    if (error > 2) throw new Error(`erf(${values[at]}) is ${got[at]}, off by ${error.toFixed(2)} ulp`);
  });

  test("power is within 2 ulp, with IEEE 754's special values", async () => {
    const special = [0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, Infinity, -Infinity, Number.NaN, 1e-40];
    const x = special.flatMap((value) => special.map(() => value));
    const y = special.flatMap(() => special);
    for (let i = 0; i < 20_000; i++) {
      x.push(Math.exp((((i * 7919) % 10007) / 10007 - 0.5) * 40));
      y.push((((i * 104729) % 9973) / 9973 - 0.5) * 8);
    }
    const [base, exponent] = [Float32Array.from(x), Float32Array.from(y)];
    const got = await compute(engine, "power", "float32", base, exponent);
    // Unlike `**`, IEEE 754 has 1 for a power of 1 and for -1 to an infinite one.
    const truth = (i: number): number =>
      base[i] === 1 || (base[i] === -1 && Math.abs(exponent[i]!) === Infinity) ? 1 : base[i]! ** exponent[i]!;
    const { error, at } = worst(got, truth);
    if (error > 2)
      throw new Error(`${base[at]} ** ${exponent[at]} is ${got[at]}, not ${truth(at)}: ${error} ulp`);
  });

  test("mod is exact", async () => {
    const x = Float32Array.of(5, -5, 5, -5, 1e30, 1e30, 3e38, 0.1, -0, 7, Infinity, 1, Number.NaN, 6, 1e-42);
    const y = Float32Array.of(3, 3, -3, -3, 7, -7, 1e-30, 0.01, 5, 0, 2, Infinity, 1, 3, 1e-43);
    const got = await compute(engine, "mod", "float32", x, y);
    const truth = (i: number): number => {
      const rest = x[i]! % y[i]!;
      return rest !== 0 && rest < 0 !== y[i]! < 0 ? rest + y[i]! : rest;
    };
    expect(got.map(Math.abs)).toEqual(Array.from(x, (_, i) => Math.abs(Math.fround(truth(i)))));
  });
});

/** Pairs of quotients below and above what lanes take at once, many of them next to whole numbers. */
function quotients(): readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const [x, y]: [number[], number[]] = [[], []];
  for (let i = 0; i < 20_000; i++) {
    const divisor = Math.fround((1 + ((i * 7919) % 10007) / 10007) * 2 ** ((i % 60) - 30));
    const whole = Math.floor(2 ** ((i * 37) % 32));
    const near = fromBits(bitsOf(divisor * whole) + (i % 3) - 1);
    x.push(i % 2 === 0 ? near : -near);
    y.push(i % 5 < 2 ? -divisor : divisor);
  }
  return [Float32Array.from(x), Float32Array.from(y)];
}

describe.each(engines)("division %s", (_name, engine) => {
  test("mod of float32 is exact whatever the quotient", async () => {
    const [x, y] = quotients();
    const got = await compute(engine, "mod", "float32", x, y);
    const truth = Array.from(x, (value, i) => {
      const rest = value % y[i]!;
      return Math.fround(rest !== 0 && rest < 0 !== y[i]! < 0 ? rest + y[i]! : rest);
    });
    expect(got.map(Math.abs)).toEqual(truth.map(Math.abs));
    // 0 too has the sign of the divisor.
    expect(got.every((value, i) => Object.is(Math.sign(1 / value), Math.sign(y[i]!)))).toBe(true);
  });

  test("whole numbers are divided exactly and wrap, without faults", async () => {
    const edges = [
      0,
      1,
      -1,
      2,
      -2,
      3,
      7,
      -7,
      10,
      255,
      65536,
      2 ** 31 - 1,
      -(2 ** 31),
      -(2 ** 31) + 1,
      715827883,
    ];
    const [x, y] = [edges.flatMap((a) => edges.map(() => a)), edges.flatMap(() => edges)];
    for (let i = 0; i < 5000; i++) {
      x.push(Math.imul(i, 0x9e3779b1));
      y.push(Math.imul(i, 0x85ebca6b) >> (i % 31));
    }
    const operands = [Int32Array.from(x), Int32Array.from(y)];
    const quotient = (i: number): number => (y[i] === 0 ? 0 : Math.floor(x[i]! / y[i]!) | 0);
    const wrapped = (i: number): number => (y[i] === 0 ? 0 : (x[i]! - Math.imul(quotient(i), y[i]!)) | 0);
    const positions = x.map((_, i) => i);
    expect(await compute(engine, "floorDivide", "int32", ...operands)).toEqual(positions.map(quotient));
    expect(await compute(engine, "mod", "int32", ...operands)).toEqual(positions.map(wrapped));
  });

  test("powers of whole numbers wrap", async () => {
    const bases = [0, 1, -1, 2, -2, 3, 5, -7, 10, 46341, 2 ** 31 - 1, -(2 ** 31)];
    const exponents = [0, 1, 2, 3, 7, 30, 31, 32, 33, 2 ** 31 - 1, -1, -2, -3, -(2 ** 31)];
    const [x, y] = [bases.flatMap((a) => exponents.map(() => a)), bases.flatMap(() => exponents)];
    const truth = x.map((base, i) => {
      const exponent = y[i]!;
      if (exponent < 0) return base === 1 ? 1 : base === -1 ? (exponent % 2 === 0 ? 1 : -1) : 0;
      let result = 1;
      for (let bit = 30; bit >= 0; bit--) {
        result = Math.imul(result, result);
        if ((exponent >> bit) & 1) result = Math.imul(result, base);
      }
      return result;
    });
    expect(await compute(engine, "power", "int32", Int32Array.from(x), Int32Array.from(y))).toEqual(truth);
  });
});

describe.each(engines)("float64 %s", (_name, engine) => {
  test.each([
    ["exp", Math.exp],
    ["expm1", Math.expm1],
    ["log", Math.log],
    ["log1p", Math.log1p],
    ["tanh", Math.tanh],
    ["sigmoid", sigmoid],
  ] as const)("%s is within 1e-15", async (op, truth) => {
    const values = Float64Array.from(sweep(1e-30, 700, op !== "log", 20_000));
    const got = await compute(engine, op, "float64", values);
    for (const [i, value] of got.entries()) {
      const exact = truth(values[i]!);
      if (Object.is(value, exact) || (Number.isNaN(value) && Number.isNaN(exact))) continue;
      const error = Math.abs(value - exact) / Math.abs(exact);
      if (!(error <= 1e-15) && Math.abs(exact) > 1e-307)
        throw new Error(`${op}(${values[i]}) is ${value}, not ${exact}: ${error}`);
    }
  });

  test.each([
    ["sin", Math.sin],
    ["cos", Math.cos],
  ] as const)("%s is within 2 ulp for all magnitudes, and near multiples of pi / 2", async (op, truth) => {
    const values: number[] = [
      0,
      -0,
      Number.NaN,
      Infinity,
      -Infinity,
      2 ** -1074,
      2 ** 1023,
      6381956970095103 * 2 ** 797,
    ];
    for (let i = 0; i < 20_000; i++) {
      const mantissa = 1 + ((i * 7919) % 10007) / 10007;
      const value = mantissa * 2 ** ((i % 2098) - 1074);
      const near = (i * Math.PI) / 2;
      values.push(value, -value, near, near * 2 ** 40, 2 ** 20 + i);
    }
    const got = await compute(engine, op, "float64", Float64Array.from(values));
    for (const [i, value] of got.entries()) {
      const exact = truth(values[i]!);
      if (Object.is(value, exact) || (Number.isNaN(value) && Number.isNaN(exact))) continue;
      if (!(Math.abs(value - exact) <= 2 * 2 ** -52 * Math.abs(exact)))
        throw new Error(`${op}(${values[i]}) is ${value}, not ${exact}`);
    }
  });

  test("power is within 2 ulp of float64", async () => {
    const [x, y]: [number[], number[]] = [[], []];
    for (let i = 0; i < 20_000; i++) {
      // Bases over the whole range, near 1 and negative; exponents for which the power is still a number.
      const spread = i % 3 === 0 ? 1e-3 : i % 3 === 1 ? 3 : 700;
      const base = Math.exp((((i * 7919) % 10007) / 10007 - 0.5) * 2 * spread);
      const exponent = ((((i * 104729) % 9973) / 9973 - 0.5) * 1480) / spread;
      const whole = i % 5 === 0;
      x.push(whole ? -base : base);
      y.push(whole ? Math.round(exponent) : exponent);
    }
    const got = await compute(engine, "power", "float64", Float64Array.from(x), Float64Array.from(y));
    for (const [i, value] of got.entries()) {
      const exact = x[i]! ** y[i]!;
      const error = Math.abs(value - exact) / Math.max(Math.abs(exact), 2 ** -1022);
      if (value !== exact && !(error <= 2 * 2 ** -52))
        throw new Error(`${x[i]} ** ${y[i]} is ${value}, not ${exact}: ${error}`);
    }
  });
});
