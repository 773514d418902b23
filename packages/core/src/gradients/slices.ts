import { build, call } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { add } from "../ops/arithmetic.ts";
import { scatterAdd } from "../ops/gather.ts";
import { Tensor } from "../symbolic/tensor.ts";

/** What a gradient holds, as what optimizers clip. Source: TensorFlow's `IndexedSlices`. */
export interface Slices {
  /** The rows that were gathered of a variable, repeated ones apart, for each gather; else the gradient itself. */
  readonly values: readonly Tensor[];
  /** The gradient with other values in the place of these, of the same shapes. */
  with(values: readonly Tensor[]): Tensor;
}

/** The slices of a gradient that comes from gathers alone; for another one all of it is one slice. */
export function slicesOf(gradient: Tensor): Slices {
  const parts = scattered(gradient.node);
  if (!parts) return { values: [gradient], with: ([value]) => value! };
  return {
    values: parts.map(({ inputs: [, updates] }) => new Tensor(updates!)),
    with: (values) => {
      const made = parts.map(({ op, inputs: [indices], attributes }, i) =>
        build(op, [indices!, values[i]!.node], attributes),
      );
      return new Tensor(made.reduce((sum, part) => call(add, sum, part)));
    },
  };
}

/** The terms of a sum from left to right if each is what `gather` has as its gradient, else null. */
function scattered(root: Node): readonly Node[] | null {
  const terms: Node[] = [];
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.kind !== "op") return null;
    if (node.op === scatterAdd) terms.push(node);
    else if (node.op === add) open.push(...node.inputs.toReversed());
    else return null;
  }
  return terms;
}
