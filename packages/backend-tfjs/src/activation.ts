import type { Body } from "./scope.ts";

/** The engines take the softmax along the last axis. */
export const softmax: Body<{ readonly axis: number }> = (scope, [x], { axis }) => {
  const last = x!.shape.length - 1;
  const along = axis < 0 ? axis + x!.shape.length : axis;
  if (along === last) return scope.run("Softmax", { logits: x! }, { dim: last });
  // Swapping two axes is its own inverse.
  const perm = x!.shape.map((_, i) => (i === along ? last : i === last ? along : i));
  const moved = scope.run("Transpose", { x: x! }, { perm });
  return scope.run("Transpose", { x: scope.run("Softmax", { logits: moved }, { dim: last }) }, { perm });
};
