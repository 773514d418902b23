import { gradients as gradientNodes } from "../gradients/gradients.ts";
import { ArgumentError } from "../errors.ts";
import * as ops from "../ops/index.ts";
import { Tensor, apply, isTensor } from "../symbolic/tensor.ts";

/**
 * The gradients of a loss (of the sum of its elements; of several losses, of their sum) with respect to
 * variables or any tensors; null where the loss does not depend on one. Source: Keras `backend.gradients`.
 */
export function gradients(
  loss: Tensor | readonly Tensor[],
  variables: Tensor | readonly Tensor[],
): (Tensor | null)[] {
  const losses = isTensor(loss) ? [loss] : loss;
  const wanted = isTensor(variables) ? [variables] : variables;
  if (![...losses, ...wanted].every(isTensor))
    throw new ArgumentError("K.gradients takes tensors: K.gradients(loss, [variable, ...]).");
  const found = gradientNodes(
    losses.map((of) => of.node),
    wanted.map((of) => of.node),
  );
  return found.map((node) => (node ? new Tensor(node) : null));
}

/** The tensor, through which no gradient flows. Source: Keras `backend.stop_gradient`. */
export function stopGradient(variables: Tensor): Tensor;
export function stopGradient(variables: readonly Tensor[]): Tensor[];
export function stopGradient(variables: Tensor | readonly Tensor[]): Tensor | Tensor[] {
  const stop = (x: Tensor): Tensor => apply(ops.stopGradient, [x], {});
  return isTensor(variables) ? stop(variables) : variables.map(stop);
}
