import { ShapeError } from "../errors.ts";
import { build, call } from "../graph/build.ts";
import { defineComposite, definePrimitive } from "../graph/define.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { NoAttributes, Op } from "../graph/op.ts";
import { formatShape, formatSpec, sameShape } from "../tensor/spec.ts";
import { add } from "./arithmetic.ts";
import { lessEqual, less } from "./comparison.ts";
import { requireDType, requireNumber } from "./infer.ts";
import { logicalAnd } from "./logic.ts";
import { where } from "./select.ts";
import { broadcastLike, expandDims } from "./shape.ts";

/** The number of rows of the result. */
type RowCount = { readonly rows: number };

declare module "../graph/op.ts" {
  interface Primitives {
    gather: NoAttributes;
    scatterAdd: { readonly rows: number };
  }
  interface Composites {
    scatterAddLike: NoAttributes;
    indexAdd: NoAttributes;
  }
}

export const gather: Op<NoAttributes> = definePrimitive("gather", {
  doc:
    "Rows of x (slices of its first axis) at int32 indices: shape indices + x[1:]. An index out of range is an error " +
    "where the host sees the memory, and a row of zeros elsewhere.",
  infer: ([x, indices]) => {
    requireDType("gather", indices!, "int32");
    if (x!.shape.length === 0)
      throw new ShapeError(
        "gather takes rows of a tensor; got a scalar. Give it an axis: K.expandDims(x, { axis: 0 }).",
      );
    return { shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype };
  },
  known: ([x, indices]) =>
    x!.shape.length === 1 && x!.known && indices!.known?.every((at) => x!.known![at] !== undefined)
      ? indices!.known.map((at) => x!.known![at]!)
      : undefined,
  gradient: ({ inputs: [x, indices], cotangent, needs }) => {
    const rows = x!.shape[0];
    if (!needs[0]) return [null, null];
    // What optimizers clip by rows (gradients/slices.ts) is this op; other sums of rows are scatterAddLike.
    if (typeof rows === "number") return [build(scatterAdd, [indices!, cotangent], { rows }), null];
    return [call(scatterAddLike, indices!, cotangent, x!), null];
  },
});

export const scatterAdd: Op<RowCount> = definePrimitive("scatterAdd", {
  doc:
    "Zeros of shape rows + the row's shape, plus each row of the updates at its int32 index; rows out of range are " +
    "left out. The updates have shape indices + the row's shape.",
  infer: ([indices, updates], { rows }) => {
    requireDType("scatterAdd", indices!, "int32");
    requireNumber("scatterAdd", updates!);
    const rank = indices!.shape.length;
    const fits = indices!.shape.every((dim, i) => {
      const other = updates!.shape[i];
      return other !== undefined && (dim === null || other === null || dim === other);
    });
    if (!fits)
      throw new ShapeError(
        `scatterAdd: updates of shape ${formatShape(updates!.shape)} must begin with the shape of the indices, ` +
          `${formatShape(indices!.shape)}: one row for each index.`,
      );
    return { shape: [rows, ...updates!.shape.slice(rank)], dtype: updates!.dtype };
  },
  rows: ([indices, updates]) => ({ indices: indices!, updates: updates! }),
  gradient: ({ inputs: [indices, updates], attributes: { rows }, cotangent }) => [
    null,
    rowsAt(indices!, updates!, cotangent, rows),
  ],
});

export const scatterAddLike: Op<NoAttributes> = defineComposite("scatterAddLike", {
  doc: "scatterAdd of indices and updates with as many rows as the third input.",
  infer: ([indices, updates, like]) => {
    const rows = like!.shape[0] ?? null;
    const spec = scatterAdd.infer([indices!, updates!], { rows: rows ?? 0 });
    return "shape" in spec ? { shape: [rows, ...spec.shape.slice(1)], dtype: spec.dtype } : spec;
  },
  rows: ([indices, updates]) => ({ indices: indices!, updates: updates! }),
  decompose: ([indices, updates, like]) =>
    build(scatterAdd, [indices!, updates!], { rows: Number(like!.shape[0]) }),
  gradient: ({ inputs: [indices, updates, like], cotangent }) => {
    const rows = like!.shape[0];
    // Without a number of rows its indices come from a gather: none is out of range.
    const taken =
      typeof rows === "number"
        ? rowsAt(indices!, updates!, cotangent, rows)
        : call(gather, cotangent, indices!);
    return [null, taken, null];
  },
});

export const indexAdd: Op<NoAttributes> = defineComposite("indexAdd", {
  doc:
    "x, plus each row of the updates at its int32 index of x's rows; rows out of range are left out. The updates have " +
    "shape indices + x[1:].",
  infer: ([x, indices, updates]) => {
    const spec = scatterAdd.infer([indices!, updates!], { rows: x!.shape[0] ?? 0 });
    if (!("shape" in spec)) return spec;
    if (
      x!.shape.length === 0 ||
      x!.dtype !== spec.dtype ||
      !sameShape(x!.shape.slice(1), spec.shape.slice(1))
    )
      throw new ShapeError(
        `indexAdd: rows of ${formatSpec(updates!)} do not fit those of ${formatSpec(x!)}, for indices of shape ` +
          `${formatShape(indices!.shape)}.`,
      );
    return { shape: x!.shape, dtype: x!.dtype };
  },
  decompose: ([x, indices, updates]) => call(add, x!, call(scatterAddLike, indices!, updates!, x!)),
});

/** Rows of a cotangent of `rows` rows for the updates that were added to them. */
function rowsAt(indices: Node, updates: Node, cotangent: Node, rows: number): Node {
  const zero = scalar(0, updates.dtype);
  if (rows === 0) return broadcastLike(zero, updates);
  // Rows that were left out take nothing; their place is read elsewhere, since gather refuses it.
  const first = scalar(0, "int32");
  const inside = call(
    logicalAnd,
    call(lessEqual, first, indices),
    call(less, indices, scalar(rows, "int32")),
  );
  const taken = call(gather, cotangent, call(where, inside, indices, first));
  return call(where, alignTo(inside, updates), taken, zero);
}

/** A tensor over the leading axes of `like`, with dimensions of 1 for the others. */
function alignTo(x: Node, like: Node): Node {
  const axes = Array.from({ length: like.shape.length - x.shape.length }, (_, i) => x.shape.length + i);
  return build(expandDims, [x], { axes });
}
