import type { Choices } from "../choices.ts";
import type { Product } from "../plan/group.ts";
import type { Local } from "../wasm/code.ts";
import type { ValueType } from "../wasm/types.ts";
import type { Target } from "./expression.ts";
import type { Shape } from "./product-shape.ts";
import type { Arithmetic } from "./tile.ts";

/** Code of a small product: what differs between products of one form are parameters. */
export interface SmallKernel {
  readonly arithmetic: Arithmetic;
  /** Rows and vectors of C in registers; they divide C. */
  readonly rows: number;
  readonly vectors: number;
  readonly transposedA: boolean;
}

/**
 * The kernel of a product that is small and made of whole tiles, or null: it stays in the cache as it stands, without
 * blocks and panels. All such products of a program run the
 * same function or two, which are soon optimised. Their tiles reach about 94 % of the speed of those with strides as
 * immediates, which larger products keep.
 */
export function smallKernelOf(
  { batch, dtype, epilogue }: Product,
  { m, n, k, transposeA, transposeB }: Shape,
  arithmetic: Arithmetic,
  { smallProductMax }: Choices,
): SmallKernel | null {
  if (batch !== 1 || epilogue || dtype === "float16") return null;
  if (m * k > smallProductMax || n * k > smallProductMax) return null;
  const rows = m === 1 ? 1 : 4;
  const vectors = m === 1 ? 4 : 2;
  if (m % rows !== 0 || n % (vectors * arithmetic.width) !== 0) return null;
  if (m === 1 && transposeB) return null;
  return { arithmetic, rows, vectors, transposedA: transposeA };
}

export function smallKernelKey({ arithmetic, rows, vectors, transposedA }: SmallKernel): string {
  return `small:${arithmetic.shape}:${rows},${vectors}:${transposedA}`;
}

/**
 * Parameters: A, B, C; depth; tiles from top to bottom, panels from left to right; bytes between rows of A (of
 * the matrix as stored), of B and of C, and between panels of B.
 */
export const smallKernelParameters: readonly ValueType[] = Array.from({ length: 10 }, () => "i32" as const);

export function emitSmallKernel(target: Target, kernel: SmallKernel): void {
  const { code } = target;
  const { arithmetic, rows, vectors, transposedA } = kernel;
  const [a, b, c, depth, tiles, panels, strideA, strideB, strideC, panelB] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const locals = (count: number, type: ValueType): Local[] =>
    Array.from({ length: count }, () => code.local(type));
  const add = (pointer: Local, step: Local): void => void code.assign(pointer, "i32.add", pointer, step);
  const skip = (pointer: Local, bytes: number): void =>
    void code.get(pointer).i32(bytes).op("i32.add").set(pointer);
  const again = (counter: Local): void => void code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
  const [tile, step, nextA, to, from] = locals(5, "i32");
  const pointers = locals(transposedA ? 1 : rows, "i32");
  const sums = locals(rows * vectors, "v128");
  const row = locals(vectors, "v128");
  const [factor, product] = locals(2, "v128");
  const splat = arithmetic.bytes === 4 ? "v128.load32_splat" : "v128.load64_splat";
  code.loop(() => {
    code.get(a).set(nextA!).get(c).set(to!).get(tiles).set(tile!);
    code.loop(() => {
      for (const pointer of pointers) {
        code.get(nextA!).set(pointer);
        if (transposedA) skip(nextA!, rows * arithmetic.bytes);
        else add(nextA!, strideA);
      }
      code.get(b).set(from!).get(depth).set(step!);
      for (const sum of sums) code.splat("i32x4", 0).set(sum);
      code.loop(() => {
        for (let v = 0; v < vectors; v++) code.loadTo(row[v]!, "v128.load", from!, v * 16);
        for (let r = 0; r < rows; r++) {
          if (transposedA) code.loadTo(factor!, splat, pointers[0]!, r * arithmetic.bytes);
          else {
            code.loadTo(factor!, splat, pointers[r]!, 0);
            skip(pointers[r]!, arithmetic.bytes);
          }
          for (let v = 0; v < vectors; v++) {
            const sum = sums[r * vectors + v]!;
            if (arithmetic.madd) code.assign(sum, arithmetic.madd, factor!, row[v], sum);
            else {
              code.assign(product!, arithmetic.mul, factor!, row[v]);
              code.assign(sum, arithmetic.add, sum, product);
            }
          }
        }
        if (transposedA) add(pointers[0]!, strideA);
        add(from!, strideB);
        again(step!);
      });
      for (let r = 0; r < rows; r++) {
        for (let v = 0; v < vectors; v++)
          code
            .get(to!)
            .get(sums[r * vectors + v]!)
            .mem("v128.store", v * 16);
        add(to!, strideC);
      }
      again(tile!);
    });
    add(b, panelB);
    skip(c, vectors * 16);
    again(panels);
  });
}
