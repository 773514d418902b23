import { sizeOf, stridesOf } from "@polykeras/core";

/**
 * Where the elements of a box lie in a flat array: one offset per element of `shape`, in row-major order.
 * Broadcasting is a stride of 0, a transpose permutes strides, a slice starts later and steps further; so
 * every kernel that moves data is "output[i] = input[indices[i]]" or its inverse.
 */
export function indices(shape: readonly number[], strides: readonly number[], start = 0): Int32Array {
  let offsets = Int32Array.of(start);
  for (const [axis, length] of shape.entries()) {
    const wider = new Int32Array(offsets.length * length);
    let at = 0;
    for (const offset of offsets) for (let i = 0; i < length; i++) wider[at++] = offset + i * strides[axis]!;
    offsets = wider;
  }
  return offsets;
}

/** Which element of a tensor of shape `from` each element of the broadcast shape `to` reads. */
export function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
  const lead = to.length - from.length;
  const own = stridesOf(from);
  const strides = to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]!));
  return indices(to, strides);
}

/** The box of `shape` that is reduced or walked along `axes` alone, from offset 0. */
export function indicesAlong(shape: readonly number[], axes: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  return indices(
    axes.map((axis) => shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
}

/** The axes of `shape` that are not in `axes`. */
export function otherAxes(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
}

/** True if a tensor of this shape is read element by element, without repeating any. */
export function isDense(from: readonly number[], to: readonly number[]): boolean {
  return sizeOf(from) === sizeOf(to);
}
