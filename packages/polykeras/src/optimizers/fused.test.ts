import * as cpu from "@polykeras/backend-cpu";
import { type Backend, type DType, type Program, findOp } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { hashed } from "../fixtures/hashed.ts";
import { Dense, K, Sequential, optimizers } from "../index.ts";
import type { Optimizer } from "./index.ts";

/** Optimizers whose rules have ops of their own, each with options beside the usual ones. */
const makers: readonly (readonly [string, () => Optimizer])[] = [
  ["RMSprop", () => optimizers.RMSprop({ learningRate: 0.05, rho: 0.7 })],
  ["RMSprop with decay and a limit", () => optimizers.RMSprop({ weightDecay: 0.1, clipnorm: 0.1 })],
  ["centered RMSprop", () => optimizers.RMSprop({ centered: true, epsilon: 0.01 })],
  ["RMSprop with momentum", () => optimizers.RMSprop({ momentum: 0.9 })],
  ["Adam", () => optimizers.Adam({ learningRate: 0.05, epsilon: 0.01 })],
  ["Adam with amsgrad", () => optimizers.Adam({ amsgrad: true, epsilon: 0.01 })],
  ["AdamW", () => optimizers.AdamW({ learningRate: 0.02, epsilon: 0.01 })],
  ["Adagrad", () => optimizers.Adagrad({ learningRate: 0.05 })],
  ["Adadelta", () => optimizers.Adadelta({ learningRate: 1 })],
  ["Adamax", () => optimizers.Adamax({ epsilon: 0.01 })],
  ["Nadam", () => optimizers.Nadam({ epsilon: 0.01 })],
];

/** The engine under other answers to what it supports; programs are told to `note`. */
function answering(
  engine: Backend,
  supports: NonNullable<Backend["supports"]>,
  note?: (program: Program) => void,
): Backend {
  return {
    contract: 1,
    placeholder: (spec) => engine.placeholder(spec),
    variable: (spec, value) => engine.variable(spec, value),
    function: (program) => {
      note?.(program);
      return engine.function(program);
    },
    supports,
  };
}

/** The engine, which refuses every op that has a decomposition. */
function decomposing(engine: Backend): Backend {
  return answering(engine, (step) => (findOp(step.op)?.decompose ? "decomposed" : cpu.supports(step)));
}

/** The weights and all that the optimizer keeps, after three steps. */
async function train(optimizer: Optimizer, dtype: DType, backend: Backend): Promise<number[][]> {
  const model = Sequential([Dense(9, { inputShape: [5], dtype }), Dense(1, { dtype })]);
  await model.setWeights(
    model.weights.map(({ shape }, i) => ({
      data: hashed(
        shape.reduce((a, b) => a * b, 1),
        i,
      ).map((x) => x - 0.5),
      shape,
    })),
  );
  model.compile({ optimizer, loss: "mse", backend });
  for (let step = 0; step < 3; step++)
    await model.trainOnBatch(
      { data: hashed(20, step + 10), shape: [4, 5] },
      { data: hashed(4, step + 20), shape: [4, 1] },
    );
  const kept = await Promise.all(optimizer.variables.map((of) => K.getValue(of)));
  const values = [...(await model.getWeights()), ...kept].map(({ data }) => Array.from(data, Number));
  model.dispose();
  return values;
}

describe.each(["float32", "float64", "float16"] as const)(
  "in %s cpu's own ops have the bits of primitives",
  (dtype) => {
    const engine = cpu.create();
    test.each(makers)("%s", async (_name, make) => {
      const own = await train(make(), dtype, engine);
      expect(own.flat().every(Number.isFinite)).toBe(true);
      expect(own).toEqual(await train(make(), dtype, decomposing(engine)));
    });
  },
);

test.each([
  ["RMSprop", () => optimizers.RMSprop(), ["meanSquare", "rmspropStep"]],
  ["Adam", () => optimizers.Adam(), ["firstMoment", "secondMoment", "adamStep"]],
] as const)(
  "a step of %s has these ops once for each weight, and no others of the weight's shape",
  async (_name, make, ops) => {
    const programs: Program[] = [];
    await train(
      make(),
      "float32",
      answering(cpu.create(), cpu.supports, (program) => programs.push(program)),
    );
    const { steps, values } = programs.find(({ updates }) => updates.length > 4)!;
    const ofKernel = steps
      .filter(({ outputs }) => values[outputs[0]!]!.spec.shape.join() === "5,9")
      .map(({ op }) => op);
    expect(ofKernel.toSorted()).toEqual(["matmul", ...ops].toSorted());
    for (const op of ops) expect(steps.filter((step) => step.op === op)).toHaveLength(4);
  },
);
