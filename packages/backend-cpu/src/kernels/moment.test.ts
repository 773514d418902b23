import { type Backend, type DType, K, Tensor, findOp, sizeOf } from "@polykeras/core";
import { build } from "@polykeras/core/internal";
import { describe, expect, test } from "vitest";
import { create } from "../engine.ts";
import { at, sample } from "../fixtures/program.ts";
import { supports } from "../kernels.ts";

const dtypes = ["float32", "float64", "float16"] as const;
const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-42, 3e38, -3e38, 2 ** -126, 65504, 1, -1];
/** Ops, with how many inputs they take. */
const ops = [
  ["meanSquare", 4],
  ["firstMoment", 3],
  ["secondMoment", 3],
  ["rmspropStep", 5],
  ["adamStep", 5],
] as const;
type Shapes = readonly (readonly number[])[];
/** The shapes of inputs in turn: one vector and less, rows, large loops, one number for all, other ones. */
const shapes: readonly (readonly [string, Shapes])[] = [
  ["of one shape", [[37]]],
  ["that are large", [[40_000]]],
  ["of one element", [[]]],
  ["of a row and a column", [[3, 5], [5], [3, 1]]],
  ["and numbers", [[131], [131], []]],
];

/** The engine without kernels of these ops. */
function decomposing(engine: Backend): Backend {
  return {
    ...engine,
    placeholder: (spec) => engine.placeholder(spec),
    variable: (spec, value) => engine.variable(spec, value),
    function: (program) => engine.function(program),
    supports: (step) => (ops.some(([op]) => op === step.op) ? "decomposed" : supports(step)),
  };
}

async function compute(
  backend: Backend,
  op: string,
  inputs: Shapes,
  dtype: DType,
): Promise<readonly number[]> {
  const found = findOp(op);
  if (!found) throw new RangeError(`No op '${op}'.`);
  const placeholders = inputs.map((shape) => K.placeholder({ shape, dtype }));
  const nodes = placeholders.map(({ node }) => node);
  const feeds = inputs.map((shape, i) => {
    const data = sample(dtype, sizeOf(shape), 5 * i + 1);
    // Every pair of special values meets somewhere in a long one.
    for (let k = 0; k < data.length && data.length > 30; k += 2)
      data[k] = at(special, Math.floor(k / 2 / (i % 2 === 0 ? 1 : special.length)) % special.length);
    return { data, shape, dtype };
  });
  const call = K.function(placeholders, [new Tensor(build(found, nodes, {}))], { backend });
  return Array.from(at(await call(feeds), 0).data, Number);
}

const engines: readonly (readonly [string, Backend])[] = [
  ["with fused multiply-add", create({ threads: 1 })],
  ["without", create({ threads: 1, fma: false })],
];

describe.each(engines)("the ops of optimizers %s have the bits of their decomposition", (_name, engine) => {
  const plain = decomposing(engine);
  test.each(ops)("%s", async (op, count) => {
    for (const dtype of dtypes)
      for (const [name, given] of shapes) {
        const inputs = Array.from({ length: count }, (_, i) => at(given, i % given.length));
        const [own, wanted] = [
          await compute(engine, op, inputs, dtype),
          await compute(plain, op, inputs, dtype),
        ];
        const wrong = own.findIndex((value, i) => !Object.is(value, wanted[i]));
        expect(wrong, `${dtype} inputs ${name}: ${own[wrong]}, not ${wanted[wrong]}`).toBe(-1);
      }
  });
});

test("float16 is decomposed, as each op rounds", () => {
  const ask = (dtype: DType): true | string => {
    const spec = { shape: [4], dtype };
    return supports({ op: "firstMoment", attributes: {}, inputs: [spec, spec, spec], outputs: [spec] });
  };
  expect(dtypes.map(ask)).toEqual([true, true, "backend-cpu rounds after each op of float16"]);
});
