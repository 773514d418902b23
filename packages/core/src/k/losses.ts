import { ArgumentError } from "../errors.ts";
import { build, call } from "../graph/build.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { normalizeAxis } from "../ops/infer.ts";
import * as ops from "../ops/index.ts";
import type { Attributes } from "../program/program.ts";
import { formatShape } from "../tensor/spec.ts";
import { type Operand, Tensor } from "../symbolic/tensor.ts";
import { epsilon } from "./config.ts";
import { tensorOf } from "./creation.ts";

/** Keras 2.15 scores an output of K.sigmoid or K.softmax from its logits, which loses nothing to clipping. */
function logitsOf<A extends Attributes>(output: Node, activation: Op<A>): Node | null {
  let node = output;
  while (
    node.kind === "op" &&
    node.op.category === "view" &&
    node.inputs[0]!.shape.length === node.shape.length
  )
    node = node.inputs[0]!;
  return node.kind === "op" && node.op.name === activation.name ? node.inputs[0]! : null;
}

/** Targets in the output's dtype. */
function targetsFor(target: Operand, output: Node): Node {
  return build(ops.cast, [tensorOf(target).node], { dtype: output.dtype });
}

function clipped(x: Node): Node {
  const low = scalar(epsilon(), x.dtype);
  const high = scalar(1 - epsilon(), x.dtype);
  return call(ops.maximum, call(ops.minimum, x, high), low);
}

/** Elementwise crossentropy of a probability (or logits). Source: Keras 2.15 `backend.binary_crossentropy`. */
export function binaryCrossentropy(
  target: Operand,
  output: Operand,
  options: { readonly fromLogits?: boolean } = {},
): Tensor {
  const { node } = tensorOf(output);
  const labels = targetsFor(target, node);
  const logits = options.fromLogits ? node : logitsOf(node, ops.sigmoid);
  if (logits) return new Tensor(call(ops.sigmoidCrossentropy, labels, logits));
  const p = clipped(node);
  const one = scalar(1, node.dtype);
  const small = scalar(epsilon(), node.dtype);
  const hit = call(ops.multiply, labels, call(ops.log, call(ops.add, p, small)));
  const rest = call(ops.add, call(ops.subtract, one, p), small);
  const miss = call(ops.multiply, call(ops.subtract, one, labels), call(ops.log, rest));
  return new Tensor(call(ops.negative, call(ops.add, hit, miss)));
}

interface CategoricalOptions {
  readonly fromLogits?: boolean;
  readonly axis?: number;
}

/** Crossentropy of distributions along an axis. Source: Keras 2.15 `backend.categorical_crossentropy`. */
export function categoricalCrossentropy(
  target: Operand,
  output: Operand,
  options: CategoricalOptions = {},
): Tensor {
  const { node } = tensorOf(output);
  const labels = targetsFor(target, node);
  if (
    labels.shape.length !== node.shape.length ||
    labels.shape.some((dim, i) => dim !== null && node.shape[i] !== null && dim !== node.shape[i])
  )
    throw new ArgumentError(
      `K.categoricalCrossentropy: target and output must have one shape; got ${formatShape(labels.shape)} and ` +
        `${formatShape(node.shape)}. For class indices use sparseCategoricalCrossentropy.`,
    );
  const axis = normalizeAxis("K.categoricalCrossentropy", options.axis ?? -1, node.shape.length);
  const logits = options.fromLogits ? node : logitsOf(node, ops.softmax);
  if (logits) return new Tensor(build(ops.softmaxCrossentropy, [labels, logits], { axis }));
  const total = build(ops.expandDims, [build(ops.sum, [node], { axes: [axis] })], { axes: [axis] });
  const p = clipped(call(ops.divide, node, total));
  return new Tensor(
    call(ops.negative, build(ops.sum, [call(ops.multiply, labels, call(ops.log, p))], { axes: [axis] })),
  );
}

/** Crossentropy of class indices along an axis. Source: Keras 2.15 `backend.sparse_categorical_crossentropy`. */
export function sparseCategoricalCrossentropy(
  target: Operand,
  output: Operand,
  options: CategoricalOptions & { readonly ignoreClass?: number } = {},
): Tensor {
  const { node } = tensorOf(output);
  const rank = node.shape.length;
  const axis = normalizeAxis("K.sparseCategoricalCrossentropy", options.axis ?? -1, rank);
  const classes = node.shape[axis];
  if (typeof classes !== "number")
    throw new ArgumentError(
      `K.sparseCategoricalCrossentropy: the class axis of ${formatShape(node.shape)} is unknown.`,
    );
  const known = options.fromLogits ? node : logitsOf(node, ops.softmax);
  const logits = known ?? call(ops.log, clipped(node));
  const last =
    axis === rank - 1 ? logits : build(ops.transpose, [logits], { permutation: toLast(axis, rank) });
  const indices = withoutUnitAxis(build(ops.cast, [tensorOf(target).node], { dtype: "int32" }), rank);
  const losses = call(ops.sparseSoftmaxCrossentropy, indices, last);
  if (options.ignoreClass === undefined) return new Tensor(losses);
  const ignored = call(ops.equal, indices, scalar(options.ignoreClass, "int32"));
  return new Tensor(call(ops.where, ignored, scalar(0, losses.dtype), losses));
}

function toLast(axis: number, rank: number): number[] {
  return [...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis), axis];
}

/** Targets of shape (n, 1) count as (n,). */
function withoutUnitAxis(indices: Node, rank: number): Node {
  return indices.shape.length === rank ? build(ops.squeeze, [indices], { axes: [rank - 1] }) : indices;
}
