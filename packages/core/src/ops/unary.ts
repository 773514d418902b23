import { definePrimitive } from "../graph/define.ts";
import { call } from "../graph/build.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { NoAttributes, Op, Operand, PrimitiveName } from "../graph/op.ts";
import type { Spec } from "../tensor/spec.ts";
import { add, divide, multiply, negative, subtract } from "./arithmetic.ts";
import { requireFloat, requireNumber } from "./infer.ts";

declare module "../graph/op.ts" {
  interface Primitives {
    abs: NoAttributes;
    sign: NoAttributes;
    floor: NoAttributes;
    round: NoAttributes;
    exp: NoAttributes;
    expm1: NoAttributes;
    log: NoAttributes;
    log1p: NoAttributes;
    sqrt: NoAttributes;
    sin: NoAttributes;
    cos: NoAttributes;
    tanh: NoAttributes;
    erf: NoAttributes;
  }
}

const same = ([x]: readonly Operand[]): Spec => ({ shape: x!.shape, dtype: x!.dtype });
const traits = { elementwise: true } as const;

/** The derivative in terms of the input x and the output y. */
type Derivative = (x: Node, y: Node) => Node;

type UnaryName = Extract<
  PrimitiveName,
  "exp" | "expm1" | "log" | "log1p" | "sqrt" | "sin" | "cos" | "tanh" | "erf"
>;

function float(
  name: UnaryName,
  doc: string,
  derivative: Derivative,
  compute?: (x: number) => number,
): Op<NoAttributes> {
  return definePrimitive(name, {
    doc,
    traits,
    infer: (inputs) => {
      requireFloat(name, inputs[0]!);
      return same(inputs);
    },
    ...(compute ? { scalar: (x?: number) => compute(x!) } : {}),
    gradient: ({ inputs: [x], outputs: [y], cotangent }) => [call(multiply, cotangent, derivative(x!, y!))],
  });
}

const number = (value: number, like: Node): Node => scalar(value, like.dtype);

export const abs: Op<NoAttributes> = definePrimitive("abs", {
  doc: "The magnitude of x; its derivative at 0 is 0.",
  traits,
  infer: (inputs) => {
    requireNumber("abs", inputs[0]!);
    return same(inputs);
  },
  scalar: (x) => Math.abs(x),
  gradient: ({ inputs: [x], cotangent }) => [call(multiply, cotangent, call(sign, x!))],
});

export const sign: Op<NoAttributes> = definePrimitive("sign", {
  doc: "-1, 0 or 1; NaN for NaN, 0 for -0. Its derivative is 0.",
  traits,
  infer: (inputs) => {
    requireNumber("sign", inputs[0]!);
    return same(inputs);
  },
  scalar: (x) => Math.sign(x) + 0,
  gradient: ({ inputs: [x] }) => [number(0, x!)],
});

export const floor: Op<NoAttributes> = definePrimitive("floor", {
  doc: "The largest integer not above x.",
  traits,
  infer: (inputs) => {
    requireFloat("floor", inputs[0]!);
    return same(inputs);
  },
  scalar: (x) => Math.floor(x),
  gradient: () => [null],
});

export const round: Op<NoAttributes> = definePrimitive("round", {
  doc: "The nearest integer, halves to even. It has no gradient.",
  traits,
  infer: (inputs) => {
    requireNumber("round", inputs[0]!);
    return same(inputs);
  },
  gradient: () => [null],
});

export const exp: Op<NoAttributes> = float("exp", "e to the power x.", (_x, y) => y, Math.exp);

export const expm1: Op<NoAttributes> = float(
  "expm1",
  "e^x - 1, accurate near 0.",
  (_x, y) => call(add, y, number(1, y)),
  Math.expm1,
);

export const log: Op<NoAttributes> = float(
  "log",
  "The natural logarithm; -inf at 0, NaN below.",
  (x) => call(divide, number(1, x), x),
  Math.log,
);

export const log1p: Op<NoAttributes> = float(
  "log1p",
  "log(1 + x), accurate near 0.",
  (x) => call(divide, number(1, x), call(add, number(1, x), x)),
  Math.log1p,
);

export const sqrt: Op<NoAttributes> = float(
  "sqrt",
  "The square root; NaN below 0.",
  (_x, y) => call(divide, number(0.5, y), y),
  Math.sqrt,
);

export const sin: Op<NoAttributes> = float("sin", "The sine of x radians.", (x) => call(cos, x), Math.sin);

export const cos: Op<NoAttributes> = float(
  "cos",
  "The cosine of x radians.",
  (x) => call(negative, call(sin, x)),
  Math.cos,
);

export const tanh: Op<NoAttributes> = float(
  "tanh",
  "The hyperbolic tangent.",
  (_x, y) => call(subtract, number(1, y), call(multiply, y, y)),
  Math.tanh,
);

/** @public For activations to come (gelu); every engine has it. */
export const erf: Op<NoAttributes> = float("erf", "The error function.", (x) =>
  call(multiply, number(2 / Math.sqrt(Math.PI), x), call(exp, call(negative, call(multiply, x, x)))),
);
