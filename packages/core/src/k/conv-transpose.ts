import { ArgumentError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { type Node, constant } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import type { Dim } from "../tensor/spec.ts";
import { type Operand, Tensor, isTensor, pair } from "../symbolic/tensor.ts";
import { type ConvOptions, requireAxes, steps } from "./conv.ts";
import { type Counts, Layout, paddingOf } from "./spatial.ts";

/** A shape of (batch, ...) in the data format: numbers, scalar int32 tensors, null for x's batch; or one int32 vector. */
export type OutputShape = readonly (number | null | Tensor)[] | Tensor;

/**
 * Transposed convolution of images (batch, rows, columns, filters) with a kernel (rows, columns, channels,
 * filters): the gradient of `conv2d` in its input. `outputShape` is taken literally: conv2d must map it to the
 * shape of x, else it is a ShapeError. Source: Keras `backend.conv2d_transpose`.
 */
export function conv2dTranspose(
  x: Operand,
  kernel: Operand,
  outputShape: OutputShape,
  options: ConvOptions = {},
): Tensor {
  return transposed("K.conv2dTranspose", x, kernel, outputShape, options, 2);
}

/** As `conv2dTranspose`, of volumes. Source: Keras 2.3.1 `backend.conv3d_transpose`; an unknown batch works here. */
export function conv3dTranspose(
  x: Operand,
  kernel: Operand,
  outputShape: OutputShape,
  options: {
    readonly strides?: Counts;
    readonly padding?: "valid" | "same";
    readonly dataFormat?: string;
  } = {},
): Tensor {
  return transposed("K.conv3dTranspose", x, kernel, outputShape, options, 3);
}

function transposed(
  op: string,
  x: Operand,
  kernel: Operand,
  outputShape: OutputShape,
  options: ConvOptions,
  axes: number,
): Tensor {
  const [of, by] = pair(op, x, kernel);
  const layout = new Layout(op, options.dataFormat);
  const padding = paddingOf(op, options.padding, ["valid", "same"]);
  const { strides, kernelDilation } = steps(op, options, axes);
  requireAxes(op, of, by, axes);
  const input = layout.last(of.node);
  const parts = isTensor(outputShape) ? elements(outputShape, axes + 2) : outputShape;
  if (parts.length !== axes + 2)
    throw new ArgumentError(`${op}: outputShape has ${axes + 2} dimensions; got ${parts.length}.`);
  const { shape, operand } = target(op, layout.shapeLast(parts), input);
  const made = build(ops.convInputGradient, [input, by.node, ...operand], {
    strides,
    padding,
    inputDilation: strides.map(() => 1),
    kernelDilation,
    groups: 1,
    batchGroups: 1,
    shape,
  });
  return new Tensor(layout.back(made));
}

/** The elements of an int32 vector, one scalar each. */
function elements(vector: Tensor, count: number): Tensor[] {
  return Array.from({ length: count }, (_, i) => new Tensor(element(vector.node, i)));
}

function element(vector: Node, i: number): Node {
  return build(ops.slice, [vector], { begin: [i], size: [1], strides: [1] });
}

/** The numbers of a shape, and a vector that has what is missing among them. */
function target(
  op: string,
  parts: readonly (number | null | Tensor)[],
  x: Node,
): { readonly shape: Dim[]; readonly operand: readonly Node[] } {
  const batch = x.shape[0]!;
  const shape: Dim[] = [];
  const nodes: Node[] = [];
  for (const [i, part] of parts.entries()) {
    if (part === null && i > 0)
      throw new ArgumentError(`${op}: only the batch may be null in outputShape; got null at axis ${i}.`);
    if (typeof part === "number" && (!Number.isInteger(part) || part < 0))
      throw new ArgumentError(`${op}: outputShape consists of whole numbers; got ${part}.`);
    const dim = part === null ? batch : typeof part === "number" ? part : (part.node.known?.[0] ?? null);
    shape.push(dim);
    nodes.push(
      dim !== null
        ? constant({ shape: [1], dtype: "int32" }, Int32Array.of(dim))
        : isTensor(part)
          ? build(ops.reshape, [build(ops.cast, [part.node], { dtype: "int32" })], { shape: [1] })
          : element(ops.shapeOf(x), 0),
    );
  }
  return { shape, operand: shape.includes(null) ? [build(ops.concatenate, nodes, { axis: 0 })] : [] };
}
