import type { DType } from "@polykeras/core";
import { roundHalf } from "../kernels/half.ts";
import type { Loop } from "../plan/group.ts";
import { move } from "../routines/loops.ts";
import type { Local } from "../wasm/code.ts";
import type { ValueType } from "../wasm/types.ts";
import { Body } from "./body.ts";
import { Expressions, type Target } from "./expression.ts";
import { type Lanes, kindOf, loadSplat, loadVector, storeVector, storedBytes } from "./lanes.ts";
import type { Dimensions } from "./nest.ts";
import type { Arithmetic } from "./tile.ts";

/** A loop that runs on the finished tile. Its cursor `product` is the tile itself. */
export interface Epilogue {
  readonly loop: Loop;
  readonly dimensions: Dimensions;
  readonly product: number;
  readonly key: string;
}

/** One register tile: strides in bytes, all of them immediates; how deep it goes along k is a parameter. */
export interface MicroKernel {
  readonly dtype: DType;
  readonly arithmetic: Arithmetic;
  readonly rows: number;
  readonly columns: number;
  readonly rowStrideA: number;
  readonly depthStrideA: number;
  readonly depthStrideB: number;
  readonly rowStrideC: number;
  /** Goes on from what C holds: the accumulation over k is one chain, whatever the blocks. */
  readonly continues: boolean;
  /** The last block along k: rounds to half precision, runs the epilogue. */
  readonly last: boolean;
  readonly epilogue: Epilogue | null;
}

export function microKernelKey(kernel: MicroKernel): string {
  const { dtype, rows, columns, rowStrideA, depthStrideA, depthStrideB, rowStrideC } = kernel;
  const numbers = [rows, columns, rowStrideA, depthStrideA, depthStrideB, rowStrideC].join();
  return `tile:${dtype}:${numbers}:${kernel.continues}:${kernel.last}:${kernel.epilogue?.key ?? ""}`;
}

/** Cursors of an epilogue that have a pointer of their own. */
export function epilogueCursors({ dimensions, product }: Epilogue): readonly number[] {
  return dimensions.cursors.flatMap(({ role }, i) => (i === product || role === "iota" ? [] : [i]));
}

const firstCursor = 4;

/** Parameters: A, B, C, the depth, then the epilogue's cursors. */
export function microKernelParameters(kernel: MicroKernel): ValueType[] {
  const extra = kernel.epilogue ? epilogueCursors(kernel.epilogue).length : 0;
  return Array.from({ length: firstCursor + extra }, () => "i32" as const);
}

/**
 * C = A B for one tile: C's elements stay in registers while k runs. The loop along k is not unrolled: that gains a percent
 * at best, and V8 before 13 runs out of registers then.
 */
export function emitMicroKernel(target: Target, kernel: MicroKernel): void {
  const { code } = target;
  const { arithmetic, rows, columns, depthStrideA, depthStrideB } = kernel;
  const [a, b] = [0, 1];
  const vectors = Math.ceil(columns / arithmetic.width);
  const c = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => code.local("v128")));
  const panel = Array.from({ length: vectors }, () => code.local("v128"));
  const factor = code.local("v128");
  const product = code.local("v128");
  for (const [r, row] of c.entries())
    for (const [v, local] of row.entries()) {
      // Lanes beyond the last column are the next row's: computed along, never stored.
      if (kernel.continues) code.get(2).mem("v128.load", r * kernel.rowStrideC + v * 16);
      else code.splat("i32x4", 0);
      code.set(local);
    }
  const splat = arithmetic.bytes === 4 ? "v128.load32_splat" : "v128.load64_splat";
  const depth = 3;
  code.get(depth).if(() =>
    code.loop(() => {
      for (let v = 0; v < vectors; v++) code.loadTo(panel[v]!, "v128.load", b, v * 16);
      for (let r = 0; r < rows; r++) {
        code.loadTo(factor, splat, a, r * kernel.rowStrideA);
        for (let v = 0; v < vectors; v++) {
          const sum = c[r]![v]!;
          if (arithmetic.madd) code.assign(sum, arithmetic.madd, factor, panel[v], sum);
          else {
            code.assign(product, arithmetic.mul, factor, panel[v]);
            code.assign(sum, arithmetic.add, sum, product);
          }
        }
      }
      move(code, a, depthStrideA);
      move(code, b, depthStrideB);
      code.get(depth).i32(-1).op("i32.add").tee(depth).brIf(0);
    }),
  );
  for (const local of [...panel, factor, product]) code.release(local);
  finishTile(target, kernel, c);
}

function finishTile(target: Target, kernel: MicroKernel, c: readonly (readonly Local[])[]): void {
  const { code } = target;
  const { arithmetic, columns, dtype } = kernel;
  const kind = kindOf(dtype);
  for (const [r, row] of c.entries())
    for (let v = 0; v < row.length; v++) {
      if (kernel.last && dtype === "float16") {
        const e = new Expressions(target, "f32x4");
        roundHalf(e, () => code.get(row[v]!))();
        code.set(row[v]!);
        e.done();
      }
      if (kernel.last && kernel.epilogue) {
        // Four elements at a time: two vectors for float64.
        const parts = kind === "f64" ? [row[v]!, row[v + 1] ?? row[v]!] : [row[v]!];
        const left = columns - v * arithmetic.width;
        runEpilogue(
          target,
          kernel.epilogue,
          { kind, parts, shared: true },
          r,
          v * arithmetic.width,
          Math.min(4, left),
        );
        if (kind === "f64") v++;
        continue;
      }
      const left = Math.min(arithmetic.width, columns - v * arithmetic.width);
      const at = r * kernel.rowStrideC + v * 16;
      if (left === arithmetic.width) code.get(2).get(row[v]!).mem("v128.store", at);
      else
        for (let i = 0; i < left; i++)
          code
            .get(2)
            .get(row[v]!)
            .memLane(
              arithmetic.bytes === 8 ? "v128.store64_lane" : "v128.store32_lane",
              at + i * arithmetic.bytes,
              i,
            );
    }
}

function runEpilogue(
  target: Target,
  epilogue: Epilogue,
  product: Lanes,
  row: number,
  column: number,
  count: number,
): void {
  const { code } = target;
  const { cursors } = epilogue.dimensions;
  const order = epilogueCursors(epilogue);
  const pointer = (i: number): Local => firstCursor + order.indexOf(i);
  const first = epilogue.loop.operands.length;
  new Body(target, epilogue.loop).run(
    (i) => {
      if (i === epilogue.product) return product;
      const { dtype, strides } = cursors[i]!;
      const at = row * (strides[0] ?? 0) + column * (strides[1] ?? 0);
      if (strides[1] === 0) return { ...loadSplat(code, pointer(i), dtype, at), shared: false };
      return loadVector(code, pointer(i), dtype, at);
    },
    () => {
      throw new RangeError("A product draws no random bits.");
    },
    (i, lanes) => {
      const { dtype, strides } = cursors[first + i]!;
      const at = row * strides[0]! + column * storedBytes(dtype);
      storeVector(code, pointer(first + i), dtype, lanes, at, count);
    },
  );
}
