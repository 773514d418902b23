import { sizeOf } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Transposes, matmulInteger } from "./loops.ts";
import { fill } from "./reduction.ts";
import { type Body, type Scope, view } from "./scope.ts";

/**
 * Products of matrices. Engines multiply fastest without transposed operands (the wasm engine leaves
 * XNNPACK for a plain loop otherwise), so a transposed one is laid out anew first.
 */
export const matmul: Body<Transposes> = (scope, inputs, attributes, output) => {
  if (output.dtype === "int32") return matmulInteger(scope, inputs, attributes, output);
  const [a, b] = inputs;
  const { transposeA, transposeB } = attributes;
  if (sizeOf(a!.shape) === 0) return fill(scope, output, 0);
  const batch = sizeOf(output.shape.slice(0, -2));
  const [x, y] = [matrices(a!, batch), matrices(b!, batch)];
  if (batch > 1) return scope.run("BatchMatMul", { a: x, b: y }, { transposeA, transposeB });
  const left = transposeA ? swapped(scope, x) : x;
  const right = unmistaken(scope, transposeB ? swapped(scope, y) : y);
  return scope.run("BatchMatMul", { a: left, b: right }, { transposeA: false, transposeB: false });
};

/** The shape under which a piece of memory was a right operand first. */
const shapes = new WeakMap<object, string>();

/**
 * The wasm engine keeps what it prepared of a right operand by the memory alone: under another shape, the same
 * memory would be read as the old one. It gets a copy.
 */
function unmistaken(scope: Scope, info: TensorInfo): TensorInfo {
  const shape = info.shape.join();
  const first = shapes.get(info.dataId);
  if (first === undefined) shapes.set(info.dataId, shape);
  return first === undefined || first === shape ? info : scope.run("Identity", { x: info });
}

function matrices(info: TensorInfo, batch: number): TensorInfo {
  return view(info, [batch, ...info.shape.slice(-2)]);
}

/** The transpose of a single matrix; of a row or a column it is the same memory. */
function swapped(scope: Scope, info: TensorInfo): TensorInfo {
  const [, rows, columns] = info.shape;
  if (rows === 1 || columns === 1) return view(info, [1, columns!, rows!]);
  return view(scope.run("Transpose", { x: view(info, [rows!, columns!]) }, { perm: [1, 0] }), [
    1,
    columns!,
    rows!,
  ]);
}
