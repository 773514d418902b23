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
      code.get(to).i32(0).get(limit).i32(bytes).op("i32.mul").memoryFill();
      // Sums of halves are kept in float32 until all are added.
      const wide: DType = dtype === "float16" ? "float32" : dtype;
      addRows(target, { at, from, to, limit, count, first }, wide, width);
      if (dtype !== "float16") return;
      const elements = code.local("i32");
      code.get(limit).i32(width).op("i32.mul").set(elements);
      roundHalves(target, to, elements);
    },
  };
};

/** Each row of the updates is added to the row at its index, in the place of x or in a copy of it. */
export const indexAdd: Routine = ({ inputs: [x, indices, updates] }) => {
  const { shape, dtype } = x!;
  const width = sizeOf(shape.slice(1));
  const bytes = width * storedBytes(dtype);
  const rows = shape[0]!;
  return {
    key: `indexAdd:${dtype}:${width}`,
    numbers: [rows, sizeOf(indices!.shape), 0],
    overwrites: true,
    units: {
      steps: [bytes, 0, 0, bytes],
      numberSteps: [0, 0, 1],
      time: (elementTime * sizeOf(updates!.shape)) / Math.max(1, rows),
      overhead: 2 * sizeOf(indices!.shape),
    },
    emit: (target) => {
      const { code } = target;
      const [old, at, from, to, limit, count, first] = [0, 1, 2, 3, 4, 5, 6];
      code.get(old).get(to).op("i32.ne");
      code.if(() => code.get(to).get(old).get(limit).i32(bytes).op("i32.mul").memoryCopy());
      addRows(target, { at, from, to, limit, count, first }, dtype, width);
    },
  };
};

/** Addresses and numbers, in locals. */
interface Sums {
  /** The indices, and the updates. */
  readonly at: Local;
  readonly from: Local;
  readonly count: Local;
  /** The rows that are added to: where they stand, how many there are, and the index of the first one. */
  readonly to: Local;
  readonly limit: Local;
  readonly first: Local;
}

/** Adds the updates, in their order, to the rows at their indices; `at` and `from` move. */
function addRows(
  target: Target,
  { at, from, to, limit, count, first }: Sums,
  dtype: DType,
  width: number,
): void {
  const { code } = target;
  const bytes = width * storedBytes(dtype);
  const [index, row] = [code.local("i32"), code.local("i32")];
  repeat(code, { local: count }, () => {
    code.get(at).mem("i32.load").get(first).op("i32.sub").tee(index).get(limit).op("i32.lt_u");
    code.if(() => {
      code.get(to).get(index).i32(bytes).op("i32.mul").op("i32.add").set(row);
      alongRow(target, [row, from], dtype, width, (offset, lanes) => {
        const [sum, value] = [loadVector(code, row, dtype, offset), loadVector(code, from, dtype, offset)];
        const result = apply(target, add, [sum, value], dtype);
        for (const used of [sum, value]) release(code, used);
        storeVector(code, row, dtype, result, offset, lanes);
        release(code, result);
      });
    });
    move(code, at, 4);
    move(code, from, bytes);
  });
}

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
