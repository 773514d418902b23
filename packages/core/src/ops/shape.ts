import { ArgumentError, ShapeError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { defineComposite, definePrimitive, defineView } from "../graph/define.ts";
import { type Node, constant } from "../graph/node.ts";
import type { NoAttributes, Op, Operand } from "../graph/op.ts";
import { type Shape, formatShape, sameShape } from "../tensor/spec.ts";
import { broadcastShapes, product } from "./infer.ts";

/**
 * A target shape: all numbers, or null when a second, int32 vector operand gives it; `partial` then says what is
 * known of it while building.
 */
export type ShapeAttribute = {
  readonly shape: readonly number[] | null;
  readonly partial?: readonly (number | null)[];
};

declare module "../graph/op.ts" {
  interface Primitives {
    copy: NoAttributes;
    broadcastTo: {
      readonly shape: readonly number[] | null;
      readonly partial?: readonly (number | null)[];
    };
  }
  interface Composites {
    shape: NoAttributes;
  }
  interface Views {
    identity: NoAttributes;
    stopGradient: NoAttributes;
    reshape: {
      readonly shape: readonly number[] | null;
      readonly partial?: readonly (number | null)[];
    };
    expandDims: { readonly axes: readonly number[] };
    squeeze: { readonly axes: readonly number[] };
  }
}

/** The target: from the attribute, or from the elements of the operand as far as they are known. */
function target(inputs: readonly Operand[], attributes: ShapeAttribute): Shape {
  if (attributes.shape) return attributes.shape;
  const operand = inputs[1]!;
  const rank = operand.shape[0];
  if (operand.known) return operand.known;
  if (operand.dtype !== "int32" || operand.shape.length !== 1 || typeof rank !== "number")
    throw new ArgumentError(
      `A shape must be an int32 vector of known length; got ${operand.dtype} ${formatShape(operand.shape)}.`,
    );
  return attributes.partial?.length === rank ? attributes.partial : Array.from({ length: rank }, () => null);
}

/** Once the operand is known, the op without it. */
function settle(op: Op<ShapeAttribute>, inputs: readonly Node[]): Node | null {
  const known = inputs[1]?.known;
  return known ? build(op, [inputs[0]!], { shape: known }) : null;
}

export const shape: Op<NoAttributes> = defineComposite("shape", {
  doc: "The shape as an int32 vector. It is a constant of every program: shapes are known before one is compiled.",
  infer: ([x]) => ({ shape: [x!.shape.length], dtype: "int32" }),
  known: ([x]) => (x!.shape.every((dim) => dim !== null) ? x!.shape.map(Number) : undefined),
  simplify: ([x]) => (x!.shape.every((dim) => dim !== null) ? shapeConstant(x!.shape.map(Number)) : null),
  decompose: ([x]) => shapeConstant(x!.shape.map(Number)),
  gradient: () => [null],
});

function shapeConstant(dims: readonly number[]): Node {
  return constant({ shape: [dims.length], dtype: "int32" }, Int32Array.from(dims));
}

/** The shape of `x` for an op that takes a target: an attribute if it is known, else an operand. */
export function shapeOf(x: Node): Node {
  return build(shape, [x], {});
}

export const identity: Op<NoAttributes> = defineView("identity", {
  doc: "x.",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  known: ([x]) => x!.known,
  simplify: ([x]) => x!,
  gradient: ({ cotangent }) => [cotangent],
});

export const stopGradient: Op<NoAttributes> = defineView("stopGradient", {
  doc: "x, through which no gradient flows.",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  known: ([x]) => x!.known,
  gradient: () => [null],
});

export const copy: Op<NoAttributes> = definePrimitive("copy", {
  doc: "x in a storage of its own. Lowering adds it where an output would share the storage of an input.",
  traits: { elementwise: true },
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  gradient: ({ cotangent }) => [cotangent],
});

export const reshape: Op<ShapeAttribute> = defineView("reshape", {
  doc: "The same elements in row-major order under another shape; -1 stands for what is left.",
  infer: (inputs, attributes) => {
    const x = inputs[0]!;
    const wanted = target(inputs, attributes);
    const total = product(x.shape);
    const free = wanted.indexOf(-1);
    const rest = product(wanted.filter((dim) => dim !== -1));
    const fill = free >= 0 && total !== null && rest !== null ? (rest === 0 ? 0 : total / rest) : null;
    const dims = wanted.map((dim, i) => (i === free ? fill : dim));
    const fits = total === null || rest === null || (free >= 0 ? Number.isInteger(fill) : rest === total);
    if (!fits || wanted.lastIndexOf(-1) !== free || wanted.some((dim) => dim !== null && dim < -1))
      throw new ShapeError(
        `reshape: a tensor of shape ${formatShape(x.shape)} (${total} elements) cannot become ${formatShape(wanted)}.`,
      );
    return { shape: dims, dtype: x.dtype };
  },
  known: ([x]) => x!.known,
  simplify: (inputs, attributes) => {
    const [x] = inputs;
    const settled = settle(reshape, inputs);
    if (settled) return settled;
    if (!attributes.shape) return null;
    if (sameShape(x!.shape, attributes.shape)) return x!;
    if (x!.kind !== "op" || x!.inputs.length !== 1) return null;
    const [inner] = x!.inputs;
    if (x!.op === reshape) return build(reshape, [inner!], attributes);
    // One element, repeated, in whatever shape.
    const isOne = x!.op === broadcastTo && inner!.shape.length === 0 && x!.tensors !== null;
    return isOne && !attributes.shape.includes(-1) ? build(broadcastTo, [inner!], attributes) : null;
  },
  gradient: ({ inputs: [x], cotangent }) => [reshapeLike(cotangent, x!), null],
});

/** `x` under the shape of `like`. */
function reshapeLike(x: Node, like: Node): Node {
  return build(reshape, [x, shapeOf(like)], { shape: null, partial: like.shape });
}

export const expandDims: Op<{ readonly axes: readonly number[] }> = defineView("expandDims", {
  doc: "Dimensions of 1 at the axes, which count in the result and stand in ascending order.",
  infer: ([x], { axes }) => {
    const dims = [...x!.shape];
    for (const axis of axes) dims.splice(axis, 0, 1);
    return { shape: dims, dtype: x!.dtype };
  },
  known: ([x]) => x!.known,
  simplify: ([x], { axes }) => {
    if (axes.length === 0) return x!;
    const spec = expandDims.infer([x!], { axes });
    return "shape" in spec ? viewOf(x!, spec.shape) : null;
  },
  gradient: ({ attributes: { axes }, cotangent }) => [build(squeeze, [cotangent], { axes })],
});

export const squeeze: Op<{ readonly axes: readonly number[] }> = defineView("squeeze", {
  doc: "The shape without the axes, which must be 1.",
  infer: ([x], { axes }) => {
    for (const axis of axes)
      if (x!.shape[axis] !== 1 && x!.shape[axis] !== null)
        throw new ShapeError(
          `squeeze: axis ${axis} of shape ${formatShape(x!.shape)} is ${x!.shape[axis]}, not 1.`,
        );
    return { shape: x!.shape.filter((_, i) => !axes.includes(i)), dtype: x!.dtype };
  },
  known: ([x]) => x!.known,
  simplify: ([x], { axes }) => {
    if (axes.length === 0) return x!;
    const spec = squeeze.infer([x!], { axes });
    return "shape" in spec ? viewOf(x!, spec.shape) : null;
  },
  gradient: ({ attributes: { axes }, cotangent }) => [build(expandDims, [cotangent], { axes })],
});

function viewOf(x: Node, dims: Shape): Node | null {
  return x.shape.every((dim) => dim !== null) ? build(reshape, [x], { shape: dims.map(Number) }) : null;
}

export const broadcastTo: Op<ShapeAttribute> = definePrimitive("broadcastTo", {
  doc: "x repeated along new leading dimensions and along those of 1.",
  traits: { repeats: true },
  infer: (inputs, attributes) => {
    const x = inputs[0]!;
    const wanted = target(inputs, attributes);
    const result = broadcastShapes("broadcastTo", [x.shape, wanted]);
    if (!result.every((dim, i) => dim === wanted[i] || wanted[i] === null) || result.length !== wanted.length)
      throw new ShapeError(
        `broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(wanted)}.`,
      );
    return { shape: wanted, dtype: x.dtype };
  },
  simplify: (inputs, attributes) => {
    const [x] = inputs;
    const settled = settle(broadcastTo, inputs);
    if (settled || !attributes.shape) return settled;
    if (sameShape(x!.shape, attributes.shape)) return x!;
    // A scalar under a shape of 1s is repeated from the scalar.
    const of = x!.kind === "op" && x!.op === reshape && x!.inputs.length === 1 ? x!.inputs[0]! : null;
    return of?.shape.length === 0 ? build(broadcastTo, [of], attributes) : null;
  },
  // The broadcast is undone where all broadcasts are.
  gradient: ({ cotangent }) => [cotangent, null],
});

/** `x` repeated to the shape of `like`. */
export function broadcastLike(x: Node, like: Node): Node {
  return build(broadcastTo, [x, shapeOf(like)], { shape: null, partial: like.shape });
}
