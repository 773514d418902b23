import { type TensorSpec, sizeOf } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { numbers } from "./cast.ts";
import { stridedSlice } from "./loops.ts";
import { fill } from "./reduction.ts";
import { type Body, type Scope, around, spread, view } from "./scope.ts";

type Box = {
  readonly begin: readonly number[];
  readonly size: readonly number[];
  readonly strides: readonly number[];
};
type Padding = {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
};

export const transpose: Body<{ readonly permutation: readonly number[] }> = (scope, [x], { permutation }) => {
  // Shaders do not compile for less than two axes, nor those of the webgpu engine for truths.
  if (permutation.every((from, to) => from === to)) return scope.run("Identity", { x: x! });
  const attrs = { perm: [...permutation] };
  if (x!.dtype !== "bool" || scope.session.traits.synchronous)
    return scope.run("Transpose", { x: x! }, attrs);
  const moved = scope.run("Transpose", { x: numbers(scope, x!) }, attrs);
  return scope.run("NotEqual", { a: moved, b: scope.session.scalar(0, "float32") });
};

export const broadcastTo: Body<unknown> = (scope, [x], _attributes, output) =>
  spread(scope, x!, output.shape);

export const slice: Body<Box> = (scope, [x], attributes, output) => {
  const { begin, strides } = attributes;
  const from = [...begin];
  // The engines' Slice copies nothing where there is no axis.
  if (from.length === 0) return scope.run("Identity", { x: x! });
  if (strides.every((stride) => stride === 1))
    return scope.run("Slice", { x: x! }, { begin: from, size: [...output.shape] });
  // The wasm engine takes every dtype for float32 here.
  if (x!.dtype !== "float32" && scope.session.traits.synchronous)
    return stridedSlice(scope, [x!], attributes, output);
  if (from.length > 4)
    return from.reduce(
      (of, first, axis) => sliceAxis(scope, of, axis, first, output.shape[axis]!, strides[axis]!),
      x!,
    );
  const attrs = {
    begin: from,
    end: output.shape.map((size, i) => from[i]! + (size - 1) * strides[i]! + 1),
    strides: [...strides],
    beginMask: 0,
    endMask: 0,
    ellipsisMask: 0,
    newAxisMask: 0,
    shrinkAxisMask: 0,
  };
  return scope.run("StridedSlice", { x: x! }, attrs);
};

/** `count` elements along an axis from `begin`, `stride` apart. */
export function sliceAxis(
  scope: Scope,
  x: TensorInfo,
  axis: number,
  begin: number,
  count: number,
  stride: number,
): TensorInfo {
  if (begin === 0 && stride === 1 && count === x.shape[axis]) return x;
  const flat = around(x, axis);
  const [outer, , inner] = flat.shape;
  const attrs =
    stride === 1
      ? { begin: [0, begin, 0], size: [outer!, count, inner!] }
      : {
          begin: [0, begin, 0],
          end: [outer!, begin + (count - 1) * stride + 1, inner!],
          strides: [1, stride, 1],
          beginMask: 0,
          endMask: 0,
          ellipsisMask: 0,
          newAxisMask: 0,
          shrinkAxisMask: 0,
        };
  const taken = scope.run(stride === 1 ? "Slice" : "StridedSlice", { x: flat }, attrs);
  return view(taken, x.shape.with(axis, count));
}

export const concatenate: Body<{ readonly axis: number }> = (scope, inputs, { axis }) =>
  scope.run(
    "Concat",
    inputs.filter(({ shape }) => sizeOf(shape) > 0),
    { axis },
  );

/**
 * `PadV2` rounds integers to float32 in the wasm engine, and one NaN there makes every later padding NaN (its
 * cache of operators is ordered by the value). Such values are laid around with Fill and Concat.
 */
export const pad: Body<Padding> = (scope, [x], { before, after, value }, output) => {
  if (sizeOf(x!.shape) === 0) return fill(scope, output, value);
  if (Math.abs(value) <= 2 ** 24 && x!.dtype !== "bool") {
    const paddings = before.map((count, i) => [count, after[i]!]);
    if (paddings.length <= 4) return scope.run("PadV2", { x: x! }, { paddings, constantValue: value });
    return paddings.reduce((of, counts, axis) => padAxis(scope, of, axis, counts, value), x!);
  }
  return before.reduce((of, count, axis) => frame(scope, of, axis, [count, after[axis]!], value, output), x!);
};

/** `value` around one axis. */
export function padAxis(
  scope: Scope,
  x: TensorInfo,
  axis: number,
  counts: readonly number[],
  value: number,
): TensorInfo {
  if (counts.every((count) => count === 0)) return x;
  const paddings = [[0, 0], [...counts], [0, 0]];
  const padded = scope.run("PadV2", { x: around(x, axis) }, { paddings, constantValue: value });
  return view(padded, x.shape.with(axis, padded.shape[1]!));
}

function frame(
  scope: Scope,
  x: TensorInfo,
  axis: number,
  counts: readonly [number, number],
  value: number,
  { dtype }: TensorSpec,
): TensorInfo {
  const [first, last] = counts.map((count) =>
    count === 0 ? [] : [fill(scope, { shape: x.shape.with(axis, count), dtype }, value)],
  );
  const parts = [...first!, x, ...last!];
  return parts.length === 1 ? x : scope.run("Concat", parts, { axis });
}

/** Indices along an axis. */
export const iota: Body<{ readonly shape: readonly number[]; readonly axis: number }> = (
  scope,
  _inputs,
  { shape, axis },
) => {
  const count = shape[axis]!;
  const along = scope.write(
    Int32Array.from({ length: count }, (_, i) => i),
    shape.map((_, i) => (i === axis ? count : 1)),
    "int32",
  );
  return spread(scope, along, shape);
};
