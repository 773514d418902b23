import { build, call } from "../graph/build.ts";
import { defineComposite } from "../graph/define.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { CompositeName, NoAttributes, Op, Operand } from "../graph/op.ts";
import type { Attributes } from "../program/program.ts";
import type { Spec } from "../tensor/spec.ts";
import { add, divide, maximum, minimum, multiply, negative, subtract } from "./arithmetic.ts";
import { less } from "./comparison.ts";
import { normalizeAxis, requireFloat, requireNumber } from "./infer.ts";
import { max, sum } from "./reduction.ts";
import { where } from "./select.ts";
import { expandDims } from "./shape.ts";
import { abs, exp, expm1, log1p, tanh } from "./unary.ts";

declare module "../graph/op.ts" {
  interface Composites {
    relu: NoAttributes;
    elu: { readonly alpha: number };
    sigmoid: NoAttributes;
    softplus: NoAttributes;
    softsign: NoAttributes;
    softmax: { readonly axis: number };
    mish: NoAttributes;
  }
}

const traits = { elementwise: true } as const;
const value = (x: number, like: Node): Node => scalar(x, like.dtype);

/** `infer` of an op that keeps the spec of one floating-point tensor. */
function float(op: CompositeName): (inputs: readonly Operand[]) => Spec {
  return ([x]) => {
    requireFloat(op, x!);
    return { shape: x!.shape, dtype: x!.dtype };
  };
}

export const relu: Op<NoAttributes> = defineComposite("relu", {
  doc: "max(x, 0); NaN stays NaN. Its derivative at 0 is 0.",
  traits,
  infer: ([x]) => {
    requireNumber("relu", x!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  decompose: ([x]) => call(maximum, x!, value(0, x!)),
  gradient: ({ outputs: [y], cotangent }) => [
    call(where, call(less, value(0, y!), y!), cotangent, value(0, y!)),
  ],
});

export const elu: Op<Attributes & { readonly alpha: number }> = defineComposite("elu", {
  doc: "x where positive, else alpha * (e^x - 1). Clevert et al., 2015.",
  traits,
  infer: float("elu"),
  // e^x alone would overflow in the branch that where discards, and 0 * inf is NaN in its gradient.
  decompose: ([x], { alpha }) =>
    call(
      where,
      call(less, value(0, x!), x!),
      x!,
      call(multiply, value(alpha, x!), call(expm1, call(minimum, x!, value(0, x!)))),
    ),
  gradient: ({ inputs: [x], outputs: [y], attributes: { alpha }, cotangent }) => [
    call(
      where,
      call(less, value(0, x!), x!),
      cotangent,
      call(multiply, cotangent, call(add, y!, value(alpha, y!))),
    ),
  ],
});

export const sigmoid: Op<NoAttributes> = defineComposite("sigmoid", {
  doc: "1 / (1 + e^-x).",
  traits,
  infer: float("sigmoid"),
  decompose: ([x]) => call(divide, value(1, x!), call(add, value(1, x!), call(exp, call(negative, x!)))),
  gradient: ({ outputs: [y], cotangent }) => [
    call(multiply, cotangent, call(multiply, y!, call(subtract, value(1, y!), y!))),
  ],
});

export const softplus: Op<NoAttributes> = defineComposite("softplus", {
  doc: "log(1 + e^x), without overflow.",
  traits,
  infer: float("softplus"),
  decompose: ([x]) =>
    call(add, call(maximum, x!, value(0, x!)), call(log1p, call(exp, call(negative, call(abs, x!))))),
  gradient: ({ inputs: [x], cotangent }) => [call(multiply, cotangent, call(sigmoid, x!))],
});

export const softsign: Op<NoAttributes> = defineComposite("softsign", {
  doc: "x / (1 + |x|).",
  traits,
  infer: float("softsign"),
  decompose: ([x]) => call(divide, x!, call(add, value(1, x!), call(abs, x!))),
  gradient: ({ inputs: [x], cotangent }) => {
    const below = call(add, value(1, x!), call(abs, x!));
    return [call(divide, cotangent, call(multiply, below, below))];
  },
});

export const softmax: Op<Attributes & { readonly axis: number }> = defineComposite("softmax", {
  doc: "e^x over the sum of e^x along an axis, without overflow.",
  infer: (inputs, { axis }) => {
    normalizeAxis("softmax", axis, inputs[0]!.shape.length);
    return float("softmax")(inputs);
  },
  decompose: ([x], { axis }) => {
    // As logSoftmax writes it, so that a loss and its gradient share e^x.
    const along = (of: Node): Node => build(expandDims, [of], { axes: [axis] });
    const shifted = call(exp, call(subtract, x!, along(build(max, [x!], { axes: [axis] }))));
    const total = build(sum, [shifted], { axes: [axis] });
    // In half precision the reciprocal of a large total would be subnormal.
    if (x!.dtype === "float16") return call(divide, shifted, along(total));
    return call(multiply, shifted, along(call(divide, value(1, x!), total)));
  },
  gradient: ({ outputs: [y], attributes: { axis }, cotangent }) => {
    const total = build(sum, [call(multiply, cotangent, y!)], { axes: [axis] });
    return [call(multiply, call(subtract, cotangent, build(expandDims, [total], { axes: [axis] })), y!)];
  },
});

export const mish: Op<NoAttributes> = defineComposite("mish", {
  doc: "x tanh(softplus(x)). Misra, 2019.",
  traits,
  infer: float("mish"),
  decompose: ([x]) => call(multiply, x!, call(tanh, call(softplus, x!))),
  // x sigmoid(x) first: x times the cotangent may overflow where the sigmoid is 0.
  gradient: ({ inputs: [x], cotangent }) => {
    const t = call(tanh, call(softplus, x!));
    const flat = call(subtract, value(1, x!), call(multiply, t, t));
    const steep = call(multiply, call(multiply, x!, call(sigmoid, x!)), flat);
    return [call(multiply, cotangent, call(add, t, steep))];
  },
});
