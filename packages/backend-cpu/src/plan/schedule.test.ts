import {
  K,
  type NoAttributes,
  type Program,
  Tensor,
  type Update,
  type Variable,
  sizeOf,
  specOf,
} from "@polykeras/core";
import {
  type Op,
  adamStep,
  build,
  firstMoment,
  meanSquare,
  rmspropStep,
  secondMoment,
  sqrt,
} from "@polykeras/core/internal";
import { describe, expect, test } from "vitest";
import { choicesOf } from "../choices.ts";
import { create } from "../engine.ts";
import { ProgramBuilder } from "../fixtures/program.ts";
import { recorded } from "../fixtures/recorded.ts";
import { type Group, readsOf, writesOf } from "./group.ts";
import { plan } from "./plan.ts";
import { schedule } from "./schedule.ts";

const usual = choicesOf(false);
const iterations = K.variable(0, { dtype: "int32", name: "iterations" });
const learningRate = K.variable(0.01, { name: "rate" });

/** The new value of a weight, and those of its slots. */
type Rule = (w: Tensor, g: Tensor, slots: readonly Tensor[]) => readonly Tensor[];

/** The rules of Keras 2.15's optimizers, in the words of its source. */
const adam: Rule = (w, g, [m0, v0, hat0]) => {
  const t = K.cast(iterations, "float32").add(1);
  const rest = (beta: number): Tensor => K.pow(K.constant(beta), t).negative().add(1);
  const rate = learningRate.multiply(K.sqrt(rest(0.999))).divide(rest(0.9));
  const m = m0!.add(g.subtract(m0!).multiply(0.1));
  const v = v0!.add(K.square(g).subtract(v0!).multiply(0.001));
  const hat = hat0 ? K.maximum(hat0, v) : v;
  const step = m.multiply(rate).divide(K.sqrt(hat).add(1e-7));
  return hat0 ? [w.subtract(step), m, v, hat] : [w.subtract(step), m, v];
};
const momentum =
  (nesterov: boolean): Rule =>
  (w, g, [m0]) => {
    const move = g.multiply(learningRate);
    const m = m0!.multiply(0.9).subtract(move);
    return [w.add(nesterov ? m.multiply(0.9).subtract(move) : m), m];
  };
const rmsprop: Rule = (w, g, [v0, m0, a0]) => {
  const v = v0!.multiply(0.9).add(K.square(g).multiply(0.1));
  const a = a0!.multiply(0.9).add(g.multiply(0.1));
  const below = K.sqrt(v.subtract(K.square(a)).add(1e-7));
  const m = m0!.multiply(0.9).add(g.multiply(learningRate).divide(below));
  return [w.subtract(m), v, m, a];
};
/** One op over tensors and numbers. */
const whole = (op: Op<NoAttributes>, ...inputs: readonly (Tensor | number)[]): Tensor => {
  const nodes = inputs.map((of) => (typeof of === "number" ? K.constant(of) : of).node);
  return new Tensor(build(op, nodes, {}));
};
const simple: Rule = (w, g, [v0]) => {
  const v = v0!.multiply(0.9).add(K.square(g).multiply(0.1));
  return [w.subtract(g.multiply(learningRate).divide(whole(sqrt, v.add(1e-7)))), v];
};
/** The same in the ops of optimizers. */
const simpleWhole: Rule = (w, g, [v0]) => {
  const v = whole(meanSquare, v0!, g, 0.9, 0.1);
  return [whole(rmspropStep, w, g, learningRate, v, 1e-7), v];
};
const adamWhole: Rule = (w, g, [m0, v0]) => {
  const [m, v] = [whole(firstMoment, m0!, g, 0.1), whole(secondMoment, v0!, g, 0.001)];
  return [whole(adamStep, w, m, learningRate, v, 1e-7), m, v];
};
const decayed: Rule = (w, g, slots) => adam(w.subtract(w.multiply(0.004).multiply(learningRate)), g, slots);
const rules: readonly (readonly [string, Rule, number])[] = [
  ["SGD with momentum", momentum(false), 1],
  ["SGD with Nesterov's momentum", momentum(true), 1],
  ["Adam", adam, 2],
  ["Adam with amsgrad", adam, 3],
  ["AdamW", decayed, 2],
  ["centered RMSprop with momentum", rmsprop, 3],
  ["RMSprop", simple, 1],
  ["RMSprop in two ops", simpleWhole, 1],
  ["Adam in three ops", adamWhole, 2],
];

const random = (...shape: number[]): Variable => K.randomNormalVariable(shape, 0, 0.1);
interface Network {
  readonly loss: Tensor;
  readonly weights: readonly Variable[];
}
/** Losses of weights: of dense layers, of a table, and of eight weights of one shape whose gradients come at once. */
const networks: readonly (readonly [string, () => Network])[] = [
  [
    "dense layers",
    () => {
      const weights = [random(40, 50), random(50), random(50, 60), random(60)];
      const hidden = K.tanh(K.biasAdd(K.dot(random(30, 40), weights[0]!), weights[1]!));
      return { loss: K.mean(K.square(K.biasAdd(K.dot(hidden, weights[2]!), weights[3]!))), weights };
    },
  ],
  [
    "a table",
    () => {
      const weights = [random(500, 16)];
      return {
        loss: K.mean(K.square(K.gather(weights[0]!, K.constant([1, 3, 1], { dtype: "int32" })))),
        weights,
      };
    },
  ],
  [
    "eight weights of one shape",
    () => {
      const weights = Array.from({ length: 8 }, () => random(70));
      const x = random(30, 70);
      return {
        loss: K.mean(K.square(weights.reduce<Tensor>((sum, w) => K.tanh(sum.multiply(w)), x))),
        weights,
      };
    },
  ],
];

/** The program of a training step. A weight comes before its slots among the updates, and among the inputs. */
async function stepOf(rule: Rule, slotCount: number, network: () => Network): Promise<Program> {
  const { backend, programs } = recorded(create({ threads: 1 }));
  const { loss, weights } = network();
  const updates = K.gradients(loss, weights).flatMap((g, i): Update[] => {
    const shape = weights[i]!.shape.map(Number);
    const slots = Array.from({ length: slotCount }, () =>
      K.variable({ data: new Float32Array(sizeOf(shape)), shape }),
    );
    return rule(weights[i]!, g!, slots).map((to, k) => [k === 0 ? weights[i]! : slots[k - 1]!, to]);
  });
  await K.function([], [loss], { updates: [...updates, K.updateAdd(iterations, 1)], backend })([]);
  return programs.find((made) => made.updates.length > 1)!;
}

describe.each(networks)("a training step of %s", (_name, network) => {
  test.each(rules)("passes over each weight once, in place, with %s", async (_rule, rule, slotCount) => {
    const program = await stepOf(rule, slotCount, network);
    const planned = plan(program, usual);
    const place = (id: number): string => JSON.stringify(planned.places.get(id));
    const touches = (ids: readonly number[], id: number): boolean =>
      ids.some((other) => place(other) === place(id));
    const variables = program.updates.slice(0, -1).map(({ input }) => program.inputs[input]!.value);
    const perWeight = slotCount + 1;
    const loops = new Map<Group, number>();
    for (let first = 0; first < variables.length; first += perWeight) {
      const [w, ...slots] = variables.slice(first, first + perWeight);
      const writers = planned.groups.filter((group) => touches(writesOf(group), w!));
      expect(writers).toHaveLength(1);
      const group = writers[0]!;
      for (const slot of slots) {
        expect(planned.groups.filter((other) => touches(writesOf(other), slot))).toEqual([group]);
        expect(planned.groups.filter((other) => touches(readsOf(other), slot))).toEqual([group]);
      }
      loops.set(group, (loops.get(group) ?? 0) + 1);
    }
    // Beside the variables each weight's loop reads the gradient, and nothing else as large.
    for (const [group, weights] of loops) {
      const others = new Set(readsOf(group).filter((id) => !touches(variables, id)));
      const arrays = [...others].filter((id) => sizeOf(specOf(program, id).shape) > 1);
      expect(arrays.length).toBeLessThanOrEqual(weights);
    }
    // The number of steps may wait for the end.
    expect(planned.copies.filter(({ bytes }) => bytes > 4)).toEqual([]);
  });
});

test("a loop takes as many weights in ops of optimizers as in the primitives that these stand for", async () => {
  const writers = async (rule: Rule): Promise<number[]> => {
    const weights = Array.from({ length: 12 }, () => random(70));
    const loss = K.sum(weights.reduce<Tensor>((sum, w) => sum.add(K.tanh(w)), K.constant(0)));
    const program = await stepOf(rule, 1, () => ({ loss, weights }));
    return plan(program, usual).groups.flatMap((group) =>
      group.kind === "loop" && group.stores.length > 1 ? [group.stores.length] : [],
    );
  };
  const plain = await writers(simple);
  expect(plain.length).toBeGreaterThan(2);
  expect(await writers(simpleWhole)).toEqual(plain);
});

describe("the order of steps", () => {
  test("stays where nothing is updated", () => {
    const builder = new ProgramBuilder();
    const program = builder.program([builder.op("exp", [builder.input([4])])]);
    expect(schedule(program)).toBe(program.steps);
  });

  test("has what arrays wait for before them, and every step once", () => {
    const builder = new ProgramBuilder();
    const [w, x, rate] = [builder.input([4], "float32", "variable"), builder.input([4]), builder.input([])];
    const smaller = builder.op("multiply", [builder.op("negative", [w]), w]);
    const unread = builder.op("exp", [smaller]);
    const sum = builder.op(
      "sum",
      [builder.op("cumsum", [x], { axis: 0, exclusive: false, reverse: false })],
      {
        axes: [0],
      },
    );
    const twice = builder.op("add", [rate, rate]);
    const next = builder.op("add", [builder.op("multiply", [builder.op("add", [smaller, sum]), twice]), x]);
    const program = builder.program([unread], [{ input: 0, value: next }]);
    const order = schedule(program).map(({ op }) => op);
    expect(order).toEqual(["add", "cumsum", "sum", "negative", "multiply", "add", "multiply", "add", "exp"]);
  });
});
