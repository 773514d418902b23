import { ArgumentError } from "../errors.ts";
import { build, call, isScalarConstant } from "../graph/build.ts";
import { defineComposite, definePrimitive } from "../graph/define.ts";
import { type Node, scalar } from "../graph/node.ts";
import type { NoAttributes, Op, Operand } from "../graph/op.ts";
import { type DType, isFloat } from "../tensor/dtype.ts";
import { type Spec, formatShape, sizeOf } from "../tensor/spec.ts";
import { divide, multiply } from "./arithmetic.ts";
import { equal } from "./comparison.ts";
import { product, requireFloat, requireNumber } from "./infer.ts";
import { cast } from "./select.ts";
import { broadcastLike, broadcastTo, expandDims, reshape } from "./shape.ts";

/** The axes a reduction removes: non-negative, ascending. */
export type Axes = { readonly axes: readonly number[] };

declare module "../graph/op.ts" {
  interface Primitives {
    sum: { readonly axes: readonly number[] };
    max: { readonly axes: readonly number[] };
    min: { readonly axes: readonly number[] };
    argmax: { readonly axis: number };
  }
  interface Composites {
    mean: { readonly axes: readonly number[] };
    sumLike: NoAttributes;
  }
}

function infer([x]: readonly Operand[], { axes }: Axes): Spec {
  return { shape: x!.shape.filter((_, i) => !axes.includes(i)), dtype: x!.dtype };
}

/** A cotangent of the reduced shape, repeated along the axes that were reduced. */
function spread(cotangent: Node, x: Node, axes: readonly number[]): Node {
  return broadcastLike(build(expandDims, [cotangent], { axes }), x);
}

const traits = { reduction: true } as const;

export const sum: Op<Axes> = definePrimitive("sum", {
  doc: "The sum over the axes, of the same dtype; 0 of nothing. Integers wrap.",
  traits,
  infer: (inputs, attributes) => {
    requireNumber("sum", inputs[0]!);
    return infer(inputs, attributes);
  },
  simplify: ([x], { axes }) => withoutAxes(x!, axes) ?? sumOfRepeated(x!, axes),
  known: ([x]) => (x!.shape.length === 1 && !isFloat(x!.dtype) ? addUp(x!.known) : undefined),
  gradient: ({ inputs: [x], attributes: { axes }, cotangent }) => [spread(cotangent, x!, axes)],
});

function addUp(known: readonly number[] | undefined): readonly number[] | undefined {
  return known && [known.reduce((a, b) => (a + b) | 0, 0)];
}

/** Sums, means and extrema over dimensions of 1 are views. */
export function withoutAxes(x: Node, axes: readonly number[]): Node | null {
  if (axes.length === 0) return x;
  if (!axes.every((axis) => x.shape[axis] === 1) || x.shape.includes(null)) return null;
  return build(reshape, [x], { shape: x.shape.filter((_, i) => !axes.includes(i)).map(Number) });
}

/** Up to these all whole numbers have a representation. */
const wholeMax: Partial<Record<DType, number>> = {
  float16: 2 ** 11,
  float32: 2 ** 24,
  float64: 2 ** 53,
  int32: 2 ** 31 - 1,
};

/** The sum of one whole number that is repeated, where it is exact in any order. */
function sumOfRepeated(x: Node, axes: readonly number[]): Node | null {
  if (x.kind !== "op" || !x.op.traits.repeats || !x.tensors || !isScalarConstant(x.inputs[0]!)) return null;
  const [value] = x.inputs[0]!.data;
  const total = value! * sizeOf(axes.map((axis) => Number(x.shape[axis])));
  if (!Number.isInteger(value) || Object.is(value, -0) || Math.abs(total) > (wholeMax[x.dtype] ?? 0))
    return null;
  return build(broadcastTo, [scalar(total + 0, x.dtype)], {
    shape: x.tensors[0]!.shape.filter((_, i) => !axes.includes(i)),
  });
}

/** Ties share the cotangent equally, as TensorFlow's gradient of reduce_max does. */
function extremumGradient(x: Node, y: Node, axes: readonly number[], cotangent: Node): Node {
  const hits = build(cast, [call(equal, x, spread(y, x, axes))], { dtype: x.dtype });
  const count = spread(build(sum, [hits], { axes }), x, axes);
  return call(multiply, call(divide, hits, count), spread(cotangent, x, axes));
}

export const max: Op<Axes> = definePrimitive("max", {
  doc: "The largest element over the axes; NaN if one is NaN; of nothing -inf, or the smallest integer.",
  traits,
  infer: (inputs, attributes) => {
    requireNumber("max", inputs[0]!);
    return infer(inputs, attributes);
  },
  simplify: ([x], { axes }) => withoutAxes(x!, axes),
  gradient: ({ inputs: [x], outputs: [y], attributes: { axes }, cotangent }) => [
    isFloat(x!.dtype) ? extremumGradient(x!, y!, axes, cotangent) : null,
  ],
});

export const min: Op<Axes> = definePrimitive("min", {
  doc: "The smallest element over the axes; NaN if one is NaN; of nothing inf, or the largest integer.",
  traits,
  infer: (inputs, attributes) => {
    requireNumber("min", inputs[0]!);
    return infer(inputs, attributes);
  },
  simplify: ([x], { axes }) => withoutAxes(x!, axes),
  gradient: ({ inputs: [x], outputs: [y], attributes: { axes }, cotangent }) => [
    isFloat(x!.dtype) ? extremumGradient(x!, y!, axes, cotangent) : null,
  ],
});

export const argmax: Op<{ readonly axis: number }> = definePrimitive("argmax", {
  doc: "The int32 index of the largest element along an axis, the first of equals; NaN counts as the largest.",
  traits,
  infer: ([x], { axis }) => {
    requireNumber("argmax", x!);
    if (x!.shape[axis] === 0)
      throw new ArgumentError(`argmax: axis ${axis} of shape ${formatShape(x!.shape)} is empty.`);
    return { shape: x!.shape.filter((_, i) => i !== axis), dtype: "int32" };
  },
  gradient: () => [null],
});

export const mean: Op<Axes> = defineComposite("mean", {
  doc: "The sum over the axes divided by the number of elements; NaN of nothing. Of integers truncated, 0 of nothing.",
  traits,
  infer: (inputs, attributes) => {
    requireNumber("mean", inputs[0]!);
    return infer(inputs, attributes);
  },
  simplify: ([x], { axes }) => withoutAxes(x!, axes),
  decompose: ([x], { axes }) => {
    const count = sizeOf(axes.map((axis) => Number(x!.shape[axis])));
    if (isFloat(x!.dtype)) return call(divide, build(sum, [x!], { axes }), scalar(count, x!.dtype));
    // The sum of integers may leave their range, the mean does not; of nothing it is 0. A cast truncates toward zero.
    const total = build(sum, [build(cast, [x!], { dtype: "float64" })], { axes });
    return build(cast, [call(divide, total, scalar(Math.max(1, count), "float64"))], { dtype: x!.dtype });
  },
  gradient: ({ inputs: [x], attributes: { axes }, cotangent }) => {
    if (!isFloat(x!.dtype)) return [null];
    const count = countOf(x!, axes);
    return [spread(call(divide, cotangent, count), x!, axes)];
  },
});

/** How many elements the axes hold, as a scalar of x's dtype; a constant once the shape is known. */
function countOf(x: Node, axes: readonly number[]): Node {
  const known = product(axes.map((axis) => x.shape[axis]!));
  if (known !== null) return scalar(known, x.dtype);
  const ones = broadcastLike(scalar(1, x.dtype), x);
  const total = build(sum, [ones], { axes });
  const rest = Array.from({ length: total.shape.length }, (_, i) => i);
  return rest.length === 0 ? total : build(max, [total], { axes: rest });
}

export const sumLike: Op<NoAttributes> = defineComposite("sumLike", {
  doc: "The first input summed over the dimensions along which the second one was broadcast to its shape.",
  infer: ([x, like]) => {
    requireFloat("sumLike", x!);
    return { shape: like!.shape, dtype: x!.dtype };
  },
  simplify: ([x, like]) => {
    const known = ![...x!.shape, ...like!.shape].includes(null);
    return known ? sumTo(x!, like!.shape.map(Number)) : null;
  },
  decompose: ([x, like]) => sumTo(x!, like!.shape.map(Number)),
  gradient: ({ inputs: [x], cotangent }) => [broadcastLike(cotangent, x!), null],
});

function sumTo(x: Node, wanted: readonly number[]): Node {
  const lead = x.shape.length - wanted.length;
  const axes = x.shape.flatMap((dim, i) => (i < lead || (wanted[i - lead] === 1 && dim !== 1) ? [i] : []));
  return build(reshape, [build(sum, [x], { axes })], { shape: wanted });
}
