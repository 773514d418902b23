import { definePrimitive } from "../graph/define.ts";
import { call, build } from "../graph/build.ts";
import { scalar } from "../graph/node.ts";
import type { NoAttributes, Op } from "../graph/op.ts";
import { type DType, isFloat } from "../tensor/dtype.ts";
import { broadcastShapes, commonDType, requireDType } from "./infer.ts";

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
  gradient: ({ inputs: [condition, x], cotangent, needs }) => {
    const zero = scalar(0, x!.dtype);
    return [
      null,
      needs[1] ? call(where, condition!, cotangent, zero) : null,
      needs[2] ? call(where, condition!, zero, cotangent) : null,
    ];
  },
});

export const cast: Op<{ readonly dtype: DType }> = definePrimitive("cast", {
  doc:
    "Another dtype: floats to integers truncate toward zero (NaN and values out of range to int32 give -2147483648), " +
    "integers wrap, anything but zero is true.",
  traits: { elementwise: true },
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  known: ([x], { dtype }) => (dtype === "int32" ? x!.known?.map((value) => Math.trunc(value)) : undefined),
  simplify: ([x], { dtype }) => (x!.dtype === dtype ? x! : null),
  gradient: ({ inputs: [x], attributes: { dtype }, cotangent }) => [
    isFloat(x!.dtype) && isFloat(dtype) ? build(cast, [cotangent], { dtype: x!.dtype }) : null,
  ],
});
