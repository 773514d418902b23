import { call } from "../graph/build.ts";
import { defineComposite } from "../graph/define.ts";
import { scalar } from "../graph/node.ts";
import type { NoAttributes, Op, Operand } from "../graph/op.ts";
import type { Spec } from "../tensor/spec.ts";
import { equal } from "./comparison.ts";
import { broadcastShapes, commonDType, requireDType } from "./infer.ts";
import { where } from "./select.ts";

declare module "../graph/op.ts" {
  interface Composites {
    notEqual: NoAttributes;
    logicalAnd: NoAttributes;
    logicalOr: NoAttributes;
    logicalNot: NoAttributes;
  }
}

const traits = { elementwise: true } as const;

function inferLogical(op: string, inputs: readonly Operand[]): Spec {
  for (const input of inputs) requireDType(op, input, "bool");
  return {
    shape: broadcastShapes(
      op,
      inputs.map((input) => input.shape),
    ),
    dtype: "bool",
  };
}

export const logicalNot: Op<NoAttributes> = defineComposite("logicalNot", {
  doc: "True where x is false.",
  traits,
  infer: (inputs) => inferLogical("logicalNot", inputs),
  decompose: ([x]) => call(where, x!, scalar(0, "bool"), scalar(1, "bool")),
  gradient: () => [null],
});

export const logicalAnd: Op<NoAttributes> = defineComposite("logicalAnd", {
  doc: "True where both are true, with broadcasting.",
  traits,
  infer: (inputs) => inferLogical("logicalAnd", inputs),
  decompose: ([x, y]) => call(where, x!, y!, scalar(0, "bool")),
  gradient: () => [null, null],
});

export const logicalOr: Op<NoAttributes> = defineComposite("logicalOr", {
  doc: "True where one of the two is true, with broadcasting.",
  traits,
  infer: (inputs) => inferLogical("logicalOr", inputs),
  decompose: ([x, y]) => call(where, x!, scalar(1, "bool"), y!),
  gradient: () => [null, null],
});

export const notEqual: Op<NoAttributes> = defineComposite("notEqual", {
  doc: "True where x and y differ, with broadcasting; NaN differs from everything.",
  traits,
  infer: (inputs) => {
    commonDType("notEqual", inputs);
    return {
      shape: broadcastShapes(
        "notEqual",
        inputs.map((input) => input.shape),
      ),
      dtype: "bool",
    };
  },
  decompose: ([x, y]) => call(logicalNot, call(equal, x!, y!)),
  gradient: () => [null, null],
});
