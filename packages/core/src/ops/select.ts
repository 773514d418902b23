import { definePrimitive } from "../graph/define.ts";
import { build, call, isScalarConstant } from "../graph/build.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { NoAttributes, Op } from "../graph/op.ts";
import { type DType, dtypeInfo, isFloat } from "../tensor/dtype.ts";
import { broadcastShapes, commonDType, requireDType } from "./infer.ts";
import { broadcastTo } from "./shape.ts";

declare module "../graph/op.ts" {
  interface Primitives {
    where: NoAttributes;
    cast: { readonly dtype: DType };
  }
}

export const where: Op<NoAttributes> = definePrimitive("where", {
  doc: "x where the condition is true, else y, with broadcasting of all three.",
  traits: { elementwise: true },
  infer: (inputs) => {
    requireDType("where", inputs[0]!, "bool");
    const dtype = commonDType("where", inputs.slice(1));
    return {
      shape: broadcastShapes(
        "where",
        inputs.map((input) => input.shape),
      ),
      dtype,
    };
  },
  simplify: ([condition, x, y]) => (isScalarConstant(condition!) ? decided(condition!, x!, y!) : null),
  gradient: ({ inputs: [condition, x], cotangent, needs }) => {
    const zero = scalar(0, x!.dtype);
    return [
      null,
      needs[1] ? call(where, condition!, cotangent, zero) : null,
      needs[2] ? call(where, condition!, zero, cotangent) : null,
    ];
  },
});

/** The side that a constant condition picks, in the shape of the result, once all shapes are known. */
function decided(condition: Node, x: Node, y: Node): Node | null {
  if (x.dtype !== y.dtype || !x.tensors || !y.tensors) return null;
  const shape = broadcastShapes("where", [x.shape, y.shape]).map(Number);
  return build(broadcastTo, [condition.data[0] ? x : y], { shape });
}

export const cast: Op<{ readonly dtype: DType }> = definePrimitive("cast", {
  doc:
    "Another dtype: floats to integers truncate toward zero (NaN and values out of range to int32 give -2147483648), " +
    "integers wrap, anything but zero is true.",
  traits: { elementwise: true },
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  known: ([x], { dtype }) => (dtype === "int32" ? x!.known?.map((value) => Math.trunc(value)) : undefined),
  simplify: ([x], { dtype }) => {
    if (x!.dtype === dtype) return x!;
    const isExact = dtypeInfo(x!.dtype).kind === "int" && (dtype === "float32" || dtype === "float64");
    return isExact && isScalarConstant(x!) ? scalar(x!.data[0]!, dtype) : null;
  },
  gradient: ({ inputs: [x], attributes: { dtype }, cotangent }) => [
    isFloat(x!.dtype) && isFloat(dtype) ? build(cast, [cotangent], { dtype: x!.dtype }) : null,
  ],
});
