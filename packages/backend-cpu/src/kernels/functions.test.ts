import { K, type Tensor } from "@polykeras/core";
import { describe, expect, test, vi } from "vitest";
import { create } from "../engine.ts";
import { at } from "../fixtures/program.ts";
import { everyExponent, everyFloat, worst } from "../fixtures/ulp.ts";

/** A function of keras.backend, and the same in float64. `limit` is where float32 arguments are no longer reduced exactly. */
type Row = readonly [name: string, of: (x: Tensor) => Tensor, truth: (x: number) => number];

const limited = (x: number, low: number, high: number): number =>
  Number.isNaN(x) ? x : Math.min(Math.max(x, low), high);
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const roundEven = (x: number): number => {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const magic = x < 0 || Object.is(x, -0) ? -(2 ** 52) : 2 ** 52;
  const rounded = x + magic - magic;
  return rounded === 0 && magic < 0 ? -0 : rounded;
};

const functions: readonly Row[] = [
  ["abs", (x) => K.abs(x), Math.abs],
  ["clip", (x) => K.clip(x, -1, 2), (x) => limited(x, -1, 2)],
  ["cos", (x) => K.cos(x), Math.cos],
  ["elu", (x) => K.elu(x), (x) => (x > 0 ? x : Math.expm1(x))],
  ["elu, alpha 0.3", (x) => K.elu(x, { alpha: 0.3 }), (x) => (x > 0 ? x : Math.fround(0.3) * Math.expm1(x))],
  ["exp", (x) => K.exp(x), Math.exp],
  // As the planner takes it where the sign is known.
  ["exp of -|x|", (x) => K.exp(K.abs(x).negative()), (x) => Math.exp(-Math.abs(x))],
  ["hardSigmoid", (x) => K.hardSigmoid(x), (x) => limited((x + 2.5) / 5, 0, 1)],
  ["log", (x) => K.log(x), Math.log],
  ["pow 2", (x) => K.pow(x, 2), (x) => x * x],
  ["pow 3", (x) => K.pow(x, 3), (x) => x ** 3],
  ["pow 0.5", (x) => K.pow(x, 0.5), (x) => x ** 0.5],
  ["pow -1", (x) => K.pow(x, -1), (x) => 1 / x],
  ["pow -2.5", (x) => K.pow(x, -2.5), (x) => x ** -2.5],
  ["relu", (x) => K.relu(x), (x) => (x < 0 ? 0 : x)],
  [
    "relu, alpha 0.2",
    (x) => K.relu(x, { alpha: 0.2 }),
    (x) => (x > 0 || Number.isNaN(x) ? x : Math.fround(0.2) * x),
  ],
  ["round", (x) => K.round(x), roundEven],
  ["sigmoid", (x) => K.sigmoid(x), (x) => 1 / (1 + Math.exp(-x))],
  ["sign", (x) => K.sign(x), (x) => (x === 0 ? 0 : Math.sign(x))],
  ["sin", (x) => K.sin(x), Math.sin],
  ["softplus", (x) => K.softplus(x), softplus],
  ["softsign", (x) => K.softsign(x), (x) => (Math.abs(x) === Infinity ? Number.NaN : x / (1 + Math.abs(x)))],
  ["sqrt", (x) => K.sqrt(x), (x) => (x <= 0 ? 0 : Math.sqrt(x))],
  ["square", (x) => K.square(x), (x) => x * x],
  ["tanh", (x) => K.tanh(x), Math.tanh],
];

const engines = [
  ["with fused multiply-add", create()],
  ["without", create({ fma: false })],
] as const;

/** All floats, this far apart, in the long tests. */
const step = 61;
const long = process.env["POLYKERAS_LONG"] !== undefined;
// For machines that are busy.
vi.setConfig({ testTimeout: long ? 1_200_000 : 60_000 });

describe.each(engines)("float32 functions of keras.backend %s", (_name, engine) => {
  test.each(functions)("%s is within 2 ulp over the whole range", async (name, of, truth) => {
    const x = K.placeholder({ shape: [null] });
    const call = K.function([x], [of(x)], { backend: engine });
    const pieces = long ? everyFloat(step, 2 ** 20) : [everyExponent(384)];
    for (const values of pieces) {
      const got = at(await call([{ data: values, shape: [values.length] }]), 0).data;
      const { error, at: i } = worst(got, (index) => truth(values[index]!));
      expect(error, `${name}(${values[i]}) is ${got[i]}, not ${truth(values[i]!)}`).toBeLessThanOrEqual(2);
    }
  });
});
