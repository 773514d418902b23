import { ArgumentError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { type Node, constant } from "../graph/node.ts";
import { concatenate } from "../ops/movement.ts";
import { cast } from "../ops/select.ts";
import { reshape } from "../ops/shape.ts";
import { type Tensor, isTensor } from "../symbolic/tensor.ts";

/** A shape: numbers, scalar int32 tensors among them, or one int32 vector tensor (`K.shape(x)`). */
export type ShapeArgument = readonly (number | Tensor)[] | Tensor;

/** The attribute and the operand of an op that takes a target shape: one of the two gives it. */
export interface Target {
  readonly shape: readonly number[] | null;
  readonly operands: readonly Node[];
}

export function targetOf(op: string, shape: ShapeArgument): Target {
  if (isTensor(shape)) return { shape: null, operands: [vector(shape.node)] };
  if (shape.every((dim) => typeof dim === "number")) {
    if (!shape.every((dim) => Number.isInteger(dim) && dim >= -1))
      throw new ArgumentError(`${op}: a shape consists of whole numbers; got [${shape.join(", ")}].`);
    return { shape, operands: [] };
  }
  const parts = shape.map((dim) =>
    isTensor(dim)
      ? build(reshape, [vector(dim.node)], { shape: [1] })
      : constant({ shape: [1], dtype: "int32" }, Int32Array.of(dim)),
  );
  return { shape: null, operands: [build(concatenate, parts, { axis: 0 })] };
}

function vector(node: Node): Node {
  return build(cast, [node], { dtype: "int32" });
}
