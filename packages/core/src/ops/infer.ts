import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import { type DType, isFloat } from "../tensor/dtype.ts";
import { type Dim, type Shape, type Spec, formatShape, formatSpec } from "../tensor/spec.ts";

/** The shape that NumPy's broadcasting rule gives. Throws ShapeError with the op and all shapes. */
export function broadcastShapes(op: string, shapes: readonly Shape[]): Dim[] {
  let rank = 0;
  for (let k = 0; k < shapes.length; k++) rank = Math.max(rank, shapes[k]!.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    let dim: Dim = 1;
    for (let k = 0; k < shapes.length; k++) {
      const shape = shapes[k]!;
      const at = shape.length - rank + i;
      const other = at < 0 ? 1 : shape[at]!;
      if (other === 1 || other === dim) continue;
      if (dim === 1) dim = other;
      else if (dim === null) dim = other;
      else if (other !== null)
        throw new ShapeError(
          `${op}: shapes ${shapes.map(formatShape).join(" and ")} do not broadcast together; ` +
            `dimensions, counted from the last, must be equal or 1 (here ${dim} and ${other}).`,
        );
    }
    result[i] = dim;
  }
  return result;
}

/** The one dtype of all inputs. There is no promotion: mixed dtypes are an error that names `K.cast`. */
export function commonDType(op: string, inputs: readonly Spec[]): DType {
  const dtype = inputs[0]!.dtype;
  for (let i = 1; i < inputs.length; i++)
    if (inputs[i]!.dtype !== dtype)
      throw new DTypeError(
        `${op}: the tensors have different dtypes, ${inputs.map(formatSpec).join(" and ")}. ` +
          `Convert one of them with K.cast(x, dtype).`,
      );
  return dtype;
}

export function requireFloat(op: string, input: Spec): void {
  if (!isFloat(input.dtype))
    throw new DTypeError(
      `${op} takes floating-point tensors; got ${formatSpec(input)}. Use K.cast(x, 'float32').`,
    );
}

export function requireNumber(op: string, input: Spec): void {
  if (input.dtype === "bool")
    throw new DTypeError(
      `${op} takes numbers; got ${formatSpec(input)}. Use K.cast(x, 'float32') or 'int32'.`,
    );
}

export function requireDType(op: string, input: Spec, dtype: DType): void {
  if (input.dtype !== dtype)
    throw new DTypeError(
      `${op} takes a ${dtype} tensor here; got ${formatSpec(input)}. Use K.cast(x, '${dtype}').`,
    );
}

/** The non-negative axis. Throws ArgumentError naming the op, the axis and the rank. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new ArgumentError(
      `${op}: axis ${axis} does not exist in a tensor of rank ${rank}; use ${-rank} to ${rank - 1}.`,
    );
  return axis < 0 ? axis + rank : axis;
}

/** Sorted, non-negative, distinct axes; null means all. */
export function normalizeAxes(op: string, axes: number | readonly number[] | null, rank: number): number[] {
  if (axes === null) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(op, axis, rank));
  const sorted = [...new Set(list)].toSorted((a, b) => a - b);
  if (sorted.length !== list.length)
    throw new ArgumentError(`${op}: an axis is named twice in [${list.join(", ")}].`);
  return sorted;
}

/** The product of dimensions; null if one is unknown. */
export function product(dims: Shape): Dim {
  let total: Dim = 1;
  for (const dim of dims) {
    if (dim === 0) return 0;
    total = total === null || dim === null ? null : total * dim;
  }
  return total;
}
