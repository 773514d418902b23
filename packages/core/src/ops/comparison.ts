import { definePrimitive } from "../graph/define.ts";
import type { NoAttributes, Op, Operand } from "../graph/op.ts";
import type { Spec } from "../tensor/spec.ts";
import { broadcastShapes, commonDType, requireNumber } from "./infer.ts";

declare module "../graph/op.ts" {
  interface Primitives {
    equal: NoAttributes;
    less: NoAttributes;
    lessEqual: NoAttributes;
  }
}

function infer(op: string, inputs: readonly Operand[]): Spec {
  commonDType(op, inputs);
  return { shape: broadcastShapes(op, [inputs[0]!.shape, inputs[1]!.shape]), dtype: "bool" };
}

export const equal: Op<NoAttributes> = definePrimitive("equal", {
  doc: "x = y as bool, with broadcasting; NaN equals nothing, -0 equals 0.",
  traits: { elementwise: true, commutative: true },
  infer: (inputs) => infer("equal", inputs),
  scalar: (x, y) => Number(x === y),
  gradient: () => [null, null],
});

export const less: Op<NoAttributes> = definePrimitive("less", {
  doc: "x < y as bool, with broadcasting; false if one is NaN.",
  traits: { elementwise: true },
  infer: (inputs) => {
    requireNumber("less", inputs[0]!);
    return infer("less", inputs);
  },
  scalar: (x, y) => Number(x < y),
  gradient: () => [null, null],
});

export const lessEqual: Op<NoAttributes> = definePrimitive("lessEqual", {
  doc: "x <= y as bool, with broadcasting; false if one is NaN.",
  traits: { elementwise: true },
  infer: (inputs) => {
    requireNumber("lessEqual", inputs[0]!);
    return infer("lessEqual", inputs);
  },
  scalar: (x, y) => Number(x <= y),
  gradient: () => [null, null],
});
