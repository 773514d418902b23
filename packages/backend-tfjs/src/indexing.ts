import { ArgumentError, formatShape, sizeOf } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { made, room, stridedSlice } from "./loops.ts";
import { padAxis } from "./movement.ts";
import { fill } from "./reduction.ts";
import { type Body, type MultiBody, type Scope, around, spread, view } from "./scope.ts";

export const reverse: Body<{ readonly axes: readonly number[] }> = (scope, [x], { axes }, output) => {
  // The wasm engine takes every element for 4 bytes here.
  if (x!.dtype !== "bool" || !scope.session.traits.synchronous)
    return axes.reduce((of, axis) => {
      const turned = scope.run("Reverse", { x: around(of, axis) }, { dims: [1] });
      return view(turned, of.shape);
    }, x!);
  const strides = output.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1));
  const begin = output.shape.map((size, axis) => (axes.includes(axis) ? size - 1 : 0));
  return stridedSlice(scope, [x!], { begin, strides }, output);
};

/** Engines whose memory the host sees refuse an index out of range; the others give zeros there. */
export const gather: Body<unknown> = (scope, [x, indices], _attributes, output) => {
  const { synchronous, integers } = scope.session.traits;
  const rows = x!.shape[0]!;
  if (synchronous && integers) {
    const wrong = scope.session.read(indices!).find((index) => index < 0 || index >= rows);
    if (wrong !== undefined)
      throw new ArgumentError(
        `gather: index ${wrong} is out of range for a tensor of shape ${formatShape(x!.shape)}; use 0 to ${rows - 1}.`,
      );
  }
  if (rows === 0) return fill(scope, output, 0);
  return scope.run("GatherV2", { x: x!, indices: indices! }, { axis: 0, batchDims: 0 });
};

/** `ScatterNd` fails, or writes elsewhere, for an index out of range. */
export const scatterAdd: Body<{ readonly rows: number }> = (scope, [indices, updates], { rows }, output) => {
  const count = sizeOf(indices!.shape);
  const length = sizeOf(output.shape.slice(1));
  if (count === 0) return fill(scope, output, 0);
  const { synchronous, integers } = scope.session.traits;
  if (!synchronous || !integers)
    return scatterByShader(scope, view(indices!, [count]), view(updates!, [count, length]), rows);
  const [at, from] = [scope.session.read(indices!), scope.session.read(updates!)];
  const totals = new Float64Array(rows * length);
  for (let i = 0; i < count; i++) {
    const row = at[i]!;
    if (row < 0 || row >= rows) continue;
    for (let j = 0; j < length; j++) totals[row * length + j]! += from[i * length + j]!;
  }
  const values = room(output);
  values.set(totals);
  return made(scope, values, output);
};

/**
 * What is out of range goes to one more row, which is cut off. The webgl engine takes updates in twos: of an odd number
 * it would add what lies behind the last one to the first row.
 */
function scatterByShader(scope: Scope, at: TensorInfo, updates: TensorInfo, rows: number): TensorInfo {
  const [count, length] = updates.shape;
  const last = scope.session.scalar(rows, "int32");
  const low = scope.run("LessEqual", { a: scope.session.scalar(0, "int32"), b: at });
  const high = scope.run("Less", { a: at, b: last });
  const condition = scope.run("LogicalAnd", { a: low, b: high });
  const safe = scope.run("Select", { condition, t: at, e: spread(scope, last, at.shape) });
  const one = count! % 2;
  const indices = padAxis(scope, view(safe, [count!, 1]), 0, [0, one], rows);
  const all = scope.run(
    "ScatterNd",
    { indices, updates: padAxis(scope, updates, 0, [0, one], 0) },
    { shape: [rows + 1, length!] },
  );
  return scope.run("Slice", { x: all }, { begin: [0, 0], size: [rows, length!] });
}

/** `TopK` puts NaN anywhere. Positions are sorted, so that equals stay in order. */
export const topK: MultiBody<{ readonly k: number }> = (scope, [x], { k }, [ofValues, ofIndices]) => {
  const from = scope.session.read(x!);
  const length = x!.shape.at(-1)!;
  const [values, indices] = [room(ofValues!), room(ofIndices!)];
  for (let row = 0; row * k < values.length; row++) {
    const start = row * length;
    const order = Array.from({ length }, (_, i) => i).toSorted((i, j) =>
      descending(from[start + i]!, from[start + j]!),
    );
    for (let i = 0; i < k; i++) {
      indices[row * k + i] = order[i]!;
      values[row * k + i] = from[start + order[i]!]!;
    }
  }
  return [made(scope, values, ofValues!), made(scope, indices, ofIndices!)];
};

/** The order of the largest first, NaN before all. */
function descending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return b - a || 0;
}
