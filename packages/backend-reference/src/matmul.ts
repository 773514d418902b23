import { type Kernel, type Primitives, type TypedArray, isFloat } from "@polykeras/core";
import { tensor } from "./rounding.ts";

/** Products of the matrices in the last two axes; the leading axes count through pairs of matrices. */
export const matmul: Kernel<TypedArray, Primitives["matmul"]> = (
  [a, b],
  { transposeA, transposeB },
  output,
) => {
  const [rows, columns] = [output.shape.at(-2)!, output.shape.at(-1)!];
  const inner = a!.spec.shape.at(transposeA ? -2 : -1)!;
  const [rowA, innerA] = transposeA ? [1, rows] : [inner, 1];
  const [innerB, columnB] = transposeB ? [1, inner] : [columns, 1];
  const multiply = isFloat(output.dtype) ? (x: number, y: number) => x * y : Math.imul;
  const wrap = isFloat(output.dtype) ? (x: number) => x : (x: number) => x | 0;
  return tensor(output, (i) => {
    const column = i % columns;
    const row = Math.floor(i / columns) % rows;
    const pair = Math.floor(i / (rows * columns));
    const fromA = pair * rows * inner + row * rowA;
    const fromB = pair * inner * columns + column * columnB;
    let total = 0;
    for (let k = 0; k < inner; k++)
      total = wrap(total + multiply(a!.handle[fromA + k * innerA]!, b!.handle[fromB + k * innerB]!));
    return total;
  });
};
