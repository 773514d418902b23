import type { DType } from "@polykeras/core";
import { roundHalf } from "../kernels/half.ts";
import { move } from "../routines/loops.ts";
import { type Count, inWholes } from "./count.ts";
import { Expressions, type Target } from "./expression.ts";
import { dotRows } from "./product-shape.ts";
import type { Arithmetic } from "./tile.ts";

/** y[j] = sum over k of M[j, k] x[k] for `rows` rows of `depth` elements that stand one after the other. */
export interface DotKernel {
  readonly dtype: DType;
  readonly arithmetic: Arithmetic;
  readonly rows: number;
  readonly depth: number;
}

/** Lanes run along k, in two chains; they are added in a fixed order at the end. */
const chains = 2;

/** Parameters: matrix, vector, result. */
export function emitDot(target: Target, { dtype, arithmetic, rows, depth }: DotKernel): void {
  const { code } = target;
  const [matrix, vector, result] = [0, 1, 2];
  const { bytes, width, shape } = arithmetic;
  const rowBytes = depth * bytes;
  const sums = Array.from({ length: rows * chains }, () => code.local("v128"));
  const x = code.local("v128");
  for (const local of sums) code.splat("i32x4", 0).set(local);
  const step = (u: number): void => {
    code
      .get(vector)
      .mem("v128.load", u * 16)
      .set(x);
    for (let r = 0; r < rows; r++) {
      const sum = sums[r * chains + u]!;
      if (arithmetic.madd)
        code
          .get(matrix)
          .mem("v128.load", r * rowBytes + u * 16)
          .get(x)
          .get(sum)
          .op(arithmetic.madd);
      else
        code
          .get(sum)
          .get(matrix)
          .mem("v128.load", r * rowBytes + u * 16)
          .get(x)
          .op(arithmetic.mul)
          .op(arithmetic.add);
      code.set(sum);
    }
  };
  const blocks = Math.floor(depth / (width * chains));
  if (blocks > 0) {
    const counter = code.local("i32");
    code.i32(blocks).set(counter);
    code.loop(() => {
      for (let u = 0; u < chains; u++) step(u);
      for (const pointer of [matrix, vector])
        code
          .get(pointer)
          .i32(chains * 16)
          .op("i32.add")
          .set(pointer);
      code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
    });
  }
  const rest = depth - blocks * width * chains;
  if (rest >= width) step(0);
  const offset = rest >= width ? 16 : 0;
  const left = rest % width;
  const load = bytes === 8 ? "v128.load64_splat" : "v128.load32_splat";
  for (let r = 0; r < rows; r++) {
    const sum = sums[r * chains]!;
    code
      .get(sum)
      .get(sums[r * chains + 1]!)
      .op(arithmetic.add)
      .set(sum);
    code.get(sum).get(sum).get(sum).shuffle32([2, 3, 0, 1]).op(arithmetic.add).set(sum);
    if (width === 4) code.get(sum).get(sum).get(sum).shuffle32([1, 0, 3, 2]).op(arithmetic.add).set(sum);
    for (let i = 0; i < left; i++) {
      code
        .get(sum)
        .get(matrix)
        .mem(load, r * rowBytes + offset + i * bytes)
        .get(vector)
        .mem(load, offset + i * bytes);
      code.op(arithmetic.mul).op(arithmetic.add).set(sum);
    }
    if (dtype === "float16" && shape === "f32x4") {
      const e = new Expressions(target, "f32x4");
      roundHalf(e, () => code.get(sum))();
      code.set(sum);
      e.done();
    }
    code
      .get(result)
      .get(sum)
      .memLane(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", r * bytes, 0);
  }
}

/** B has the rows that are multiplied with the one row of A. */
export function emitDots(target: Target, columns: Count, kernel: DotKernel): void {
  const { code } = target;
  const [a, b, c] = [0, 1, 2];
  const call = (rows: number): void => {
    const key = `dot:${kernel.dtype}:${rows},${kernel.depth}`;
    const callee = target.module.shared(key, ["i32", "i32", "i32"], (inner) =>
      emitDot({ ...target, code: inner }, { ...kernel, rows }),
    );
    code.get(b).get(a).get(c).call(callee);
  };
  const rest = inWholes(code, columns, dotRows, () => {
    call(dotRows);
    move(code, b, dotRows * kernel.depth * kernel.arithmetic.bytes);
    move(code, c, dotRows * kernel.arithmetic.bytes);
  });
  if (rest > 0) call(rest);
}
