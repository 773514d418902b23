import { ShapeError } from "../errors.ts";
import { build } from "../graph/build.ts";
import { type Node, constant } from "../graph/node.ts";
import { broadcastShapes } from "../ops/infer.ts";
import { matmul } from "../ops/matmul.ts";
import { concatenate, slice, transpose } from "../ops/movement.ts";
import { broadcastTo, expandDims, reshape, shapeOf, squeeze } from "../ops/shape.ts";
import { formatShape } from "../tensor/spec.ts";

const plain = { transposeA: false, transposeB: false };

/** The matrix product of NumPy: vectors gain an axis for the time of the product, leading axes broadcast. */
export function matmulNodes(a: Node, b: Node): Node {
  if (a.shape.length === 0 || b.shape.length === 0)
    throw new ShapeError(
      `matmul takes no scalars; got ${formatShape(a.shape)} and ${formatShape(b.shape)}. Use multiply.`,
    );
  if (a.shape.length === 1)
    return build(squeeze, [matmulNodes(build(expandDims, [a], { axes: [0] }), b)], {
      axes: [Math.max(0, b.shape.length - 2)],
    });
  if (b.shape.length === 1) {
    const product = matmulNodes(a, build(expandDims, [b], { axes: [1] }));
    return build(squeeze, [product], { axes: [product.shape.length - 1] });
  }
  if (a.shape.length === 2 && b.shape.length === 2) return build(matmul, [a, b], plain);
  const lead = broadcastShapes("matmul", [a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return build(matmul, [withLead(a, lead, b), withLead(b, lead, a)], plain);
}

/** `x` with its leading axes repeated to `lead`; unknown ones are taken from `other`, which has them. */
function withLead(x: Node, lead: readonly (number | null)[], other: Node): Node {
  const own = x.shape.slice(0, -2);
  if (own.length === lead.length && own.every((dim, i) => dim === lead[i])) return x;
  const known = [...lead, ...x.shape.slice(-2)];
  if (known.every((dim) => dim !== null)) return build(broadcastTo, [x], { shape: known.map(Number) });
  const from = other.shape.length - 2 === lead.length ? other : x;
  const head = part(shapeOf(from), 0, lead.length);
  const tail = part(shapeOf(x), x.shape.length - 2, 2);
  return build(broadcastTo, [x, build(concatenate, [head, tail], { axis: 0 })], { shape: null });
}

function part(of: Node, begin: number, size: number): Node {
  return build(slice, [of], { begin: [begin], size: [size], strides: [1] });
}

/** Keras's dot: the last axis of `a` with the second-last of `b`; shape a[:-1] + b[:-2] + b[-1:]. */
export function dotNodes(a: Node, b: Node): Node {
  if (b.shape.length < 2 || a.shape.length < 1)
    throw new ShapeError(
      `dot takes the last axis of x with the second-last of y; got ${formatShape(a.shape)} and ${formatShape(b.shape)}. ` +
        `Give y at least two dimensions, with K.expandDims(y, { axis: -1 }).`,
    );
  if (a.shape.length === 2 && b.shape.length === 2) return build(matmul, [a, b], plain);
  const rank = b.shape.length;
  const inner = b.shape.at(-2) === null ? length(a, a.shape.length - 1) : length(b, rank - 2);
  const rows = build(reshape, [a, join([vector(-1), inner])], { shape: null });
  const order = [rank - 2, ...b.shape.keys()].filter((axis, i) => i === 0 || axis !== rank - 2);
  const turned = build(transpose, [b], { permutation: order });
  const columns = rank === 2 ? b : build(reshape, [turned, join([inner, vector(-1)])], { shape: null });
  const product = build(matmul, [rows, columns], plain);
  const dims = [...a.shape.keys()].slice(0, -1).map((axis) => length(a, axis));
  for (const axis of [...b.shape.keys()].filter((of) => of !== rank - 2)) dims.push(length(b, axis));
  return build(reshape, [product, join(dims)], { shape: null });
}

/** The size of an axis as an int32 vector of one. */
function length(x: Node, axis: number): Node {
  return part(shapeOf(x), axis, 1);
}

function join(vectors: readonly Node[]): Node {
  return build(concatenate, vectors, { axis: 0 });
}

function vector(value: number): Node {
  return constant({ shape: [1], dtype: "int32" }, Int32Array.of(value));
}
