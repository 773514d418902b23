import { call } from "../graph/build.ts";
import { defineComposite } from "../graph/define.ts";
import type { CompositeName, NoAttributes, Op, Operand } from "../graph/op.ts";
import type { Spec } from "../tensor/spec.ts";
import { add, divide, multiply, subtract } from "./arithmetic.ts";
import { broadcastShapes, commonDType, requireFloat } from "./infer.ts";
import { sqrt } from "./unary.ts";

declare module "../graph/op.ts" {
  interface Composites {
    meanSquare: NoAttributes;
    firstMoment: NoAttributes;
    secondMoment: NoAttributes;
    rmspropStep: NoAttributes;
    adamStep: NoAttributes;
  }
}

const traits = { elementwise: true } as const;

/** Floats of one dtype, which broadcast. */
function infer(op: CompositeName): (inputs: readonly Operand[]) => Spec {
  return (inputs) => {
    const dtype = commonDType(op, inputs);
    requireFloat(op, inputs[0]!);
    const shapes = inputs.map(({ shape }) => shape);
    return { shape: broadcastShapes(op, shapes), dtype };
  };
}

export const meanSquare: Op<NoAttributes> = defineComposite("meanSquare", {
  doc: "decay mean + weight x^2: a moving mean of squares. Inputs mean, x, decay, weight. Tieleman and Hinton, 2012.",
  traits,
  infer: infer("meanSquare"),
  decompose: ([mean, x, decay, weight]) =>
    call(add, call(multiply, mean!, decay!), call(multiply, call(multiply, x!, x!), weight!)),
});

export const firstMoment: Op<NoAttributes> = defineComposite("firstMoment", {
  doc: "mean + (x - mean) weight: a moving mean. Inputs mean, x, weight. Kingma and Ba, 2014.",
  traits,
  infer: infer("firstMoment"),
  decompose: ([mean, x, weight]) => call(add, mean!, call(multiply, call(subtract, x!, mean!), weight!)),
});

export const secondMoment: Op<NoAttributes> = defineComposite("secondMoment", {
  doc: "mean + (x^2 - mean) weight: a moving mean of squares. Inputs mean, x, weight. Kingma and Ba, 2014.",
  traits,
  infer: infer("secondMoment"),
  decompose: ([mean, x, weight]) =>
    call(add, mean!, call(multiply, call(subtract, call(multiply, x!, x!), mean!), weight!)),
});

export const rmspropStep: Op<NoAttributes> = defineComposite("rmspropStep", {
  doc:
    "w - rate g / sqrt(v + epsilon), a step down by a gradient over the root of its mean square. Inputs w, g, rate, v, " +
    "epsilon. Tieleman and Hinton, 2012.",
  traits,
  infer: infer("rmspropStep"),
  decompose: ([w, g, rate, v, epsilon]) =>
    call(subtract, w!, call(divide, call(multiply, g!, rate!), call(sqrt, call(add, v!, epsilon!)))),
});

export const adamStep: Op<NoAttributes> = defineComposite("adamStep", {
  doc: "w - rate m / (sqrt(v) + epsilon), a step by both moments. Inputs w, m, rate, v, epsilon. Kingma and Ba, 2014.",
  traits,
  infer: infer("adamStep"),
  decompose: ([w, m, rate, v, epsilon]) =>
    call(subtract, w!, call(divide, call(multiply, m!, rate!), call(add, call(sqrt, v!), epsilon!))),
});
