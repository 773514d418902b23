import type { Input } from "./graph.ts";

/** What inputs hold. */
export type Data = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/**
 * The elements of the input at a place among inputs: the same in every language, so that libraries can be compared by
 * what they compute. The hash is the finalizer of MurmurHash3.
 */
export function dataOf(input: Input, place: number): Data {
  const { shape, dtype, low, high } = input;
  const size = shape.reduce((a, b) => a * b, 1);
  const data = dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i += 1) {
    let hash = i + 1 + place * 100_000_007;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    const unit = ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
    const value = low + unit * (high - low);
    data[i] = dtype === "int32" ? Math.floor(value) : value;
  }
  return data;
}

/** The same data and shape with channels first, for libraries that want it so. */
export function channelsFirst(
  data: Data,
  { shape, layout }: Input,
): { readonly data: Data; readonly shape: readonly number[] } {
  if (layout === "plain") return { data, shape };
  if (layout === "image") return permuted(data, shape, [0, 3, 1, 2]);
  if (layout === "kernel") return permuted(data, shape, [3, 2, 0, 1]);
  const [, columns = 1] = shape;
  return { data: permuted(data, [...layout.rows, columns], [2, 0, 1, 3]).data, shape };
}

/** Axis `i` of the result is axis `axes[i]` of the data. */
function permuted(
  data: Data,
  shape: readonly number[],
  axes: readonly number[],
): { data: Data; shape: number[] } {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = axes.map((axis) => shape[axis] ?? 1);
  const steps = axes.map((axis) => strides[axis] ?? 1);
  const result = data.slice();
  const index = to.map(() => 0);
  let from = 0;
  for (let i = 0; i < data.length; i += 1) {
    result[i] = data[from] ?? 0;
    for (let axis = to.length - 1; axis >= 0; axis -= 1) {
      const [at = 0, size = 1, step = 1] = [index[axis], to[axis], steps[axis]];
      from += step;
      index[axis] = at + 1;
      if (at + 1 < size) break;
      from -= size * step;
      index[axis] = 0;
    }
  }
  return { data: result, shape: to };
}
