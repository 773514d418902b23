import type { Product } from "../plan/group.ts";
import { move, repeat } from "../routines/loops.ts";
import type { Target } from "./expression.ts";
import { type MicroKernel, emitMicroKernel, microKernelKey, microKernelParameters } from "./micro-kernel.ts";
import type { Shape } from "./product-shape.ts";
import { type Arithmetic, arithmeticOf } from "./tile.ts";

/** A few elements of a row vector by as many rows of B, over all columns in groups of some vectors. */
interface RowsKernel {
  readonly arithmetic: Arithmetic;
  /** Rows of B. */
  readonly depth: number;
  readonly groups: number;
  /** From one row of B to the next, in bytes. */
  readonly rowStride: number;
  /** Adds to what C has already. */
  readonly continues: boolean;
}

/**
 * Emits code for a row vector by a matrix, of which `columns` columns are wanted, in a function of A, B and C: all of them
 * for a few rows of B before the next ones, so that B is read in order. Moves the pointers of A and B.
 */
export function emitRowProduct(target: Target, { dtype }: Product, { n, k }: Shape, columns: number): void {
  const { code, module } = target;
  const arithmetic = arithmeticOf(dtype, target.fma);
  const rowStride = n * arithmetic.bytes;
  const width = vectorsAtOnce * arithmetic.width;
  const groups = Math.floor(columns / width);
  const rest = columns % width;
  const [a, b, c] = [0, 1, 2];
  const rows = (depth: number, continues: boolean): void => {
    if (groups > 0) {
      const kernel: RowsKernel = { arithmetic, depth, groups, rowStride, continues };
      const callee = module.shared(rowsKey(kernel), ["i32", "i32", "i32"], (inner) =>
        emitRows({ ...target, code: inner }, kernel),
      );
      code.get(a).get(b).get(c).call(callee);
    }
    if (rest > 0) {
      const kernel: MicroKernel = {
        dtype,
        arithmetic,
        rows: 1,
        columns: rest,
        rowStrideA: 0,
        depthStrideA: arithmetic.bytes,
        depthStrideB: rowStride,
        rowStrideC: rowStride,
        continues,
        last: true,
        epilogue: null,
      };
      const callee = module.shared(microKernelKey(kernel), microKernelParameters(kernel), (inner) =>
        emitMicroKernel({ ...target, code: inner }, kernel),
      );
      code.get(a);
      for (const pointer of [b, c])
        code
          .get(pointer)
          .i32(groups * width * arithmetic.bytes)
          .op("i32.add");
      code.i32(depth).call(callee);
    }
    move(code, a, depth * arithmetic.bytes);
    move(code, b, depth * rowStride);
  };
  const depth = Math.min(k, rowsAtOnce(rowStride));
  rows(depth, false);
  repeat(code, Math.floor(k / depth) - 1, () => rows(depth, true));
  if (k % depth > 0) rows(k % depth, true);
}

/**
 * Rows of B at a time: as many streams as the processor fetches ahead; fewer where rows are whole pages apart, and take
 * each other's place in the cache.
 */
function rowsAtOnce(rowStride: number): number {
  return rowStride % 4096 === 0 ? 4 : 8;
}

const vectorsAtOnce = 4;

function rowsKey({ arithmetic, depth, groups, rowStride, continues }: RowsKernel): string {
  return `rows:${arithmetic.shape}:${depth},${groups},${rowStride}:${continues}`;
}

/** Emits a function of the addresses of A, B and C. Each sum is one chain over k, as in the tiles. */
function emitRows({ code }: Target, kernel: RowsKernel): void {
  const { arithmetic, depth, groups, rowStride, continues } = kernel;
  const [a, b, c] = [0, 1, 2];
  const splat = arithmetic.bytes === 4 ? "v128.load32_splat" : "v128.load64_splat";
  const factors = Array.from({ length: depth }, (_, u) => {
    const factor = code.local("v128");
    code.loadTo(factor, splat, a, u * arithmetic.bytes);
    return factor;
  });
  const sums = Array.from({ length: vectorsAtOnce }, () => code.local("v128"));
  const [row, product] = [code.local("v128"), code.local("v128")];
  repeat(code, groups, () => {
    for (const [v, sum] of sums.entries())
      if (continues) code.loadTo(sum, "v128.load", c, 16 * v);
      else code.splat("i32x4", 0).set(sum);
    for (const [u, factor] of factors.entries())
      for (const [v, sum] of sums.entries()) {
        code.loadTo(row, "v128.load", b, u * rowStride + 16 * v);
        if (arithmetic.madd) code.assign(sum, arithmetic.madd, factor, row, sum);
        else {
          code.assign(product, arithmetic.mul, factor, row);
          code.assign(sum, arithmetic.add, sum, product);
        }
      }
    for (const [v, sum] of sums.entries())
      code
        .get(c)
        .get(sum)
        .mem("v128.store", 16 * v);
    for (const pointer of [b, c]) move(code, pointer, 16 * vectorsAtOnce);
  });
}
