import { type NoAttributes, Tensor } from "@polykeras/core";
import { type Op, build, scalar } from "@polykeras/core/internal";

/** One op for a part of a rule, over tensors and numbers, which take the dtype of the first tensor. */
export function fused(op: Op<NoAttributes>, first: Tensor, ...others: readonly (Tensor | number)[]): Tensor {
  const nodes = others.map((of) => (typeof of === "number" ? scalar(of, first.dtype) : of.node));
  return new Tensor(build(op, [first.node, ...nodes], {}));
}
