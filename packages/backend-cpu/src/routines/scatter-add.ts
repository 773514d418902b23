import { type DType, sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { apply, loadVector, release, storeVector, storedBytes } from "../emit/lanes.ts";
import { add } from "../kernels/arithmetic.ts";
import { number } from "../kernels/rule.ts";
import type { Local } from "../wasm/code.ts";
import { move, repeat, roundHalves } from "./loops.ts";
import { type Routine, elementTime } from "./routine.ts";

/** Vectors of a row that are added without a loop. */
const straightVectors = 8;

/** Zeros, then each row of the updates is added to the row at its index; indices out of range are left out. */
export const scatterAdd: Routine = ({ inputs: [indices, updates], attributes }) => {
  const { shape, dtype } = updates!;
  const width = sizeOf(shape.slice(indices!.shape.length));
  const bytes = width * storedBytes(dtype);
  const rows = number(attributes, "rows");
  return {
    key: `scatterAdd:${dtype}:${width}`,
    numbers: [rows, sizeOf(indices!.shape), 0],
    // Rows of the result apart: every run looks at all indices, and adds what falls among its rows.
    ...((dtype !== "float16" || width % 4 === 0) && {
      units: {
        steps: [0, 0, bytes],
        numberSteps: [0, 0, 1],
        time: (elementTime * (sizeOf(updates!.shape) + rows * width)) / Math.max(1, rows),
        overhead: 2 * sizeOf(indices!.shape),
      },
    }),
    emit: (target) => {
      const { code } = target;
      const [at, from, to, limit, count, first] = [0, 1, 2, 3, 4, 5];
      const [index, row] = [code.local("i32"), code.local("i32")];
      code.get(to).i32(0).get(limit).i32(bytes).op("i32.mul").memoryFill();
      // Sums of halves are kept in float32 until all are added.
      const wide: DType = dtype === "float16" ? "float32" : dtype;
      repeat(code, { local: count }, () => {
        code.get(at).mem("i32.load").get(first).op("i32.sub").tee(index).get(limit).op("i32.lt_u");
        code.if(() => {
          code.get(to).get(index).i32(bytes).op("i32.mul").op("i32.add").set(row);
          alongRow(target, [row, from], wide, width, (offset, lanes) => {
            const [sum, value] = [loadVector(code, row, wide, offset), loadVector(code, from, wide, offset)];
            const result = apply(target, add, [sum, value], wide);
            for (const used of [sum, value]) release(code, used);
            storeVector(code, row, wide, result, offset, lanes);
            release(code, result);
          });
        });
        move(code, at, 4);
        move(code, from, bytes);
      });
      if (dtype !== "float16") return;
      code.get(limit).i32(width).op("i32.mul").set(index);
      roundHalves(target, to, index);
    },
  };
};

/** Runs the body for every vector of a row that starts at the pointers, and puts these back. */
function alongRow(
  { code }: Target,
  pointers: readonly Local[],
  dtype: DType,
  width: number,
  body: (offset: number, lanes: number) => void,
): void {
  const step = 4 * storedBytes(dtype);
  const straight = (count: number): void => {
    for (let i = 0; i < count; i += 4) body((i / 4) * step, Math.min(4, count - i));
  };
  const blocks = Math.floor(width / (4 * straightVectors));
  if (blocks <= 1) return straight(width);
  repeat(code, blocks, () => {
    straight(4 * straightVectors);
    for (const pointer of pointers) move(code, pointer, straightVectors * step);
  });
  straight(width - blocks * 4 * straightVectors);
  for (const pointer of pointers) move(code, pointer, -blocks * straightVectors * step);
}
