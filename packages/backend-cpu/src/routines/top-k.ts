import { type DType, sizeOf } from "@polykeras/core";
import { storedBytes } from "../emit/lanes.ts";
import { number } from "../kernels/rule.ts";
import type { Code, FunctionReference, Local } from "../wasm/code.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { copyBytes, move, repeat } from "./loops.ts";
import { type Routine, elementTime } from "./routine.ts";

/**
 * The k largest elements of each row, the largest first; of equals the lowest index first, NaN before all. The
 * indices of the best so far are a heap with the worst on top (Williams, 1964), which is sorted at the end.
 */
export const topK: Routine = ({ inputs: [x], attributes }) => {
  const { shape, dtype } = x!;
  const [length, k] = [shape.at(-1)!, number(attributes, "k")];
  const bytes = storedBytes(dtype);
  return {
    key: `topK:${dtype}:${length},${k}`,
    numbers: [sizeOf(shape.slice(0, -1))],
    units: { steps: [length * bytes, k * bytes, 4 * k], time: elementTime * 5 * length },
    emit: ({ code, module }) => {
      const [row, values, indices, rows] = [0, 1, 2, 3];
      const before = comesBefore(module, dtype);
      const sift = siftDown(module, dtype, before);
      const i = code.local("i32");
      const from = code.local("i32");
      /** Runs the body for i = first, first + 1, ... before end. */
      const upTo = (first: number, end: number, body: () => void): void => {
        if (first >= end) return;
        code.i32(first).set(i);
        code.loop(() => {
          body();
          code.get(i).i32(1).op("i32.add").tee(i).i32(end).op("i32.lt_s").brIf(0);
        });
      };
      const downFrom = (first: number, end: number, body: () => void): void => {
        if (first < end) return;
        code.i32(first).set(i);
        code.loop(() => {
          body();
          code.get(i).i32(1).op("i32.sub").tee(i).i32(end).op("i32.ge_s").brIf(0);
        });
      };
      const slot = (): Code => code.get(indices).get(i).i32(2).op("i32.shl").op("i32.add");
      repeat(code, { local: rows }, () => {
        upTo(0, k, () => slot().get(i).mem("i32.store"));
        downFrom((k >> 1) - 1, 0, () => code.get(row).get(indices).get(i).i32(k).call(sift));
        upTo(k, length, () => {
          code.get(row).get(i).get(indices).mem("i32.load").call(before);
          code.if(() =>
            code.get(indices).get(i).mem("i32.store").get(row).get(indices).i32(0).i32(k).call(sift),
          );
        });
        // The worst of those left goes behind them.
        const kept = code.local("i32");
        downFrom(k - 1, 1, () => {
          code.get(indices).mem("i32.load").set(kept);
          code.get(indices);
          slot().mem("i32.load").mem("i32.store");
          slot().get(kept).mem("i32.store");
          code.get(row).get(indices).i32(0).get(i).call(sift);
        });
        code.release(kept);
        upTo(0, k, () => {
          code.get(row);
          slot().mem("i32.load").i32(bytes).op("i32.mul").op("i32.add").set(from);
          copyBytes(code, values, from, bytes);
          move(code, values, bytes);
        });
        move(code, indices, 4 * k);
        move(code, row, length * bytes);
      });
    },
  };
};

/** Pushes an element as a float64, in which all dtypes keep their order. */
function load(code: Code, row: Local, index: Local, dtype: DType): void {
  code.get(row).get(index).i32(storedBytes(dtype)).op("i32.mul").op("i32.add");
  if (dtype === "float64") code.mem("f64.load");
  else if (dtype === "int32") code.mem("i32.load").op("f64.convert_i32_s");
  else if (storedBytes(dtype) === 1) code.mem("i32.load8_u").op("f64.convert_i32_s");
  else code.mem("f32.load").op("f64.promote_f32");
}

/** Whether the element at one index of a row comes before that at another. Parameters: row, index, other index. */
function comesBefore(module: ModuleBuilder, dtype: DType): FunctionReference {
  return module.shared(
    `topK.before:${dtype}`,
    ["i32", "i32", "i32"],
    (code) => {
      const [row, i, j] = [0, 1, 2];
      const [x, y] = [code.local("f64"), code.local("f64")];
      const result = code.local("i32");
      load(code, row, i, dtype);
      code.set(x);
      load(code, row, j, dtype);
      code.set(y);
      const isNumber = (value: Local): Code => code.get(value).get(value).op("f64.eq");
      code.get(x).get(y).op("f64.gt").set(result);
      // Neither is larger: equals, or one is NaN at least.
      code.get(result).get(x).get(y).op("f64.lt").op("i32.or").op("i32.eqz");
      code.if(() => {
        code.get(i).get(j).op("i32.lt_s");
        isNumber(x).op("i32.eqz");
        isNumber(x);
        isNumber(y).op("i32.eq").select().set(result);
      });
      code.get(result);
    },
    ["i32"],
  );
}

/** Puts the element at `hole` in its place below. Parameters: row, heap of indices, hole, size. */
function siftDown(module: ModuleBuilder, dtype: DType, before: FunctionReference): FunctionReference {
  return module.shared(`topK.sift:${dtype}`, ["i32", "i32", "i32", "i32"], (code) => {
    const [row, heap, hole, size] = [0, 1, 2, 3];
    const [child, sinking] = [code.local("i32"), code.local("i32")];
    const at = (slot: Local): Code => code.get(heap).get(slot).i32(2).op("i32.shl").op("i32.add");
    const worse = (): void => {
      code.get(row).get(sinking);
      at(child).mem("i32.load").call(before);
    };
    at(hole).mem("i32.load").set(sinking);
    code.block(() =>
      code.loop(() => {
        code.get(hole).i32(1).op("i32.shl").i32(1).op("i32.add").tee(child).get(size).op("i32.ge_s").brIf(1);
        // The worse one of two children: the first, unless it comes before the second.
        code.get(child).i32(1).op("i32.add").get(size).op("i32.lt_s");
        code.if(() => {
          code.get(row);
          at(child).mem("i32.load");
          at(child).mem("i32.load", 4).call(before);
          code.if(() => move(code, child, 1));
        });
        // The top is the worst: one that comes before its child sinks.
        worse();
        code.op("i32.eqz").brIf(1);
        at(hole);
        at(child).mem("i32.load").mem("i32.store");
        code.get(child).set(hole);
        code.i32(1).brIf(0);
      }),
    );
    at(hole).get(sinking).mem("i32.store");
  });
}
