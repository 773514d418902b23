import type { DType } from "@polykeras/core";
import { Expressions, type Target } from "../emit/expression.ts";
import type { Arithmetic } from "../emit/tile.ts";
import { roundHalf } from "../kernels/half.ts";
import type { Local } from "../wasm/code.ts";
import { move, repeat } from "./loops.ts";

/** A loop around the innermost one of a tile: how often it runs, and how far A moves each time, in bytes. */
export interface TileLevel {
  readonly count: number;
  readonly step: number;
}

/**
 * Rows and columns of C in registers, as a sum over products of A and B. A is walked in nested levels, innermost
 * `depth` neighbours; B is a packed panel, walked from its start to its end. Strides are in bytes.
 */
export interface ConvTile {
  readonly dtype: DType;
  readonly arithmetic: Arithmetic;
  readonly rows: number;
  readonly columns: number;
  readonly levels: readonly TileLevel[];
  readonly depth: number;
  readonly depthStrideA: number;
  readonly depthStrideB: number;
  readonly rowStrideA: number;
  readonly rowStrideC: number;
  /** Adds to what C holds. */
  readonly adds: boolean;
  /** Each column has an A of its own, beside the next column's: lanes run along both. */
  readonly channelwise: boolean;
}

export function convTileKey(tile: ConvTile): string {
  const { dtype, rows, columns, levels, depth, depthStrideA, depthStrideB, rowStrideA, rowStrideC } = tile;
  const walk = levels.map(({ count, step }) => `${count}x${step}`).join();
  const strides = [depth, depthStrideA, depthStrideB, rowStrideA, rowStrideC].join();
  return `convTile:${dtype}:${rows},${columns}:${walk}:${strides}:${tile.adds}:${tile.channelwise}`;
}

/** Parameters: A, B, C. */
export function emitConvTile(target: Target, tile: ConvTile): void {
  new Tile(target, tile).emit();
}

/** How many steps of the innermost loop stand after one another. */
function unrollOf(depth: number, most: number): number {
  if (most === 1) return 1;
  if (depth <= 2 * most) return depth;
  for (let count = most; count > 1; count--) if (depth % count === 0) return count;
  return most;
}

const [pointerA, pointerB, pointerC] = [0, 1, 2];

class Tile {
  readonly #target: Target;
  readonly #tile: ConvTile;
  readonly #sums: readonly (readonly Local[])[];
  readonly #panel: readonly Local[];
  readonly #factor: Local;
  readonly #product: Local;

  constructor(target: Target, tile: ConvTile) {
    const { code } = target;
    this.#target = target;
    this.#tile = tile;
    const vectors = Math.ceil(tile.columns / tile.arithmetic.width);
    const locals = (): Local[] => Array.from({ length: vectors }, () => code.local("v128"));
    this.#sums = Array.from({ length: tile.rows }, locals);
    this.#panel = locals();
    this.#factor = code.local("v128");
    this.#product = code.local("v128");
  }

  emit(): void {
    const { chainMax } = this.#target.choices;
    const { levels, depth, adds, dtype } = this.#tile;
    const total = levels.reduce((count, level) => count * level.count, depth);
    const long = total > chainMax;
    this.#clear();
    if (long && !adds) this.#write(false);
    let inside = total;
    // The outermost level whose iterations are no longer than a chain; without one, the depth is cut.
    const flushed = long ? levels.findIndex(({ count }) => (inside /= count) <= chainMax) : -1;
    this.#walk(0, flushed, long && flushed < 0);
    if (flushed < 0) this.#write(adds || long);
    if (dtype === "float16" && !adds) this.#round();
  }

  #clear(): void {
    for (const sum of this.#sums.flat()) this.#target.code.splat("i32x4", 0).set(sum);
  }

  /** Emits the levels from one on; gives how far A has moved. */
  #walk(at: number, flushed: number, cut: boolean): number {
    const { code } = this.#target;
    const level = this.#tile.levels[at];
    if (!level) return this.#inner(cut);
    const { count, step } = level;
    let moved = 0;
    repeat(code, count, () => {
      const inside = this.#walk(at + 1, flushed, cut);
      moved = count === 1 ? inside : step * count;
      if (count > 1) move(code, pointerA, step - inside);
      if (at === flushed) this.#flush();
    });
    return moved;
  }

  #flush(): void {
    this.#write(true);
    this.#clear();
  }

  #inner(cut: boolean): number {
    const { code } = this.#target;
    const { depth, depthStrideA, depthStrideB } = this.#tile;
    const unroll = unrollOf(depth, this.#target.choices.convolutionSteps);
    const forward = (count: number): void => {
      move(code, pointerA, count * depthStrideA);
      move(code, pointerB, count * depthStrideB);
    };
    const steps = (count: number): void =>
      repeat(code, Math.floor(count / unroll), () => {
        for (let u = 0; u < unroll; u++) this.#step(u);
        forward(unroll);
      });
    const half = this.#target.choices.chainMax / 2;
    const chain = half - (half % unroll);
    if (cut)
      repeat(code, Math.floor(depth / chain), () => {
        steps(chain);
        this.#flush();
      });
    steps(cut ? depth % chain : depth);
    const rest = (cut ? depth % chain : depth) % unroll;
    for (let u = 0; u < rest; u++) this.#step(u);
    if (rest > 0) forward(rest);
    return depth * depthStrideA;
  }

  #step(u: number): void {
    const { code } = this.#target;
    const { arithmetic, rowStrideA, depthStrideA, depthStrideB, channelwise } = this.#tile;
    const splat = arithmetic.bytes === 4 ? "v128.load32_splat" : "v128.load64_splat";
    const panel = this.#panel;
    const sums = this.#sums;
    for (let v = 0; v < panel.length; v++)
      code.loadTo(panel[v]!, "v128.load", pointerB, u * depthStrideB + v * 16);
    for (let r = 0; r < sums.length; r++) {
      const row = sums[r]!;
      const at = r * rowStrideA + u * depthStrideA;
      if (!channelwise) code.loadTo(this.#factor, splat, pointerA, at);
      for (let v = 0; v < row.length; v++) {
        const sum = row[v]!;
        if (channelwise) code.loadTo(this.#factor, "v128.load", pointerA, at + v * 16);
        if (arithmetic.madd) code.assign(sum, arithmetic.madd, this.#factor, panel[v], sum);
        else {
          code.assign(this.#product, arithmetic.mul, this.#factor, panel[v]);
          code.assign(sum, arithmetic.add, sum, this.#product);
        }
      }
    }
  }

  /** Writes the sums to C, or adds them to it. */
  #write(adds: boolean): void {
    this.#eachVector((sum, at, left) => {
      const { code } = this.#target;
      if (adds) code.get(sum).get(pointerC).mem("v128.load", at).op(this.#tile.arithmetic.add).set(sum);
      this.#store(sum, at, left);
    });
  }

  #round(): void {
    this.#eachVector((sum, at, left) => {
      const { code } = this.#target;
      const e = new Expressions(this.#target, "f32x4");
      code.loadTo(sum, "v128.load", pointerC, at);
      roundHalf(e, () => code.get(sum))();
      code.set(sum);
      e.done();
      this.#store(sum, at, left);
    });
  }

  #eachVector(body: (sum: Local, at: number, left: number) => void): void {
    const { columns, arithmetic, rowStrideC } = this.#tile;
    for (const [r, row] of this.#sums.entries())
      for (const [v, sum] of row.entries())
        body(sum, r * rowStrideC + v * 16, Math.min(arithmetic.width, columns - v * arithmetic.width));
  }

  #store(sum: Local, at: number, left: number): void {
    const { code } = this.#target;
    const { bytes, width } = this.#tile.arithmetic;
    if (left === width) return void code.get(pointerC).get(sum).mem("v128.store", at);
    const store = bytes === 8 ? "v128.store64_lane" : "v128.store32_lane";
    for (let i = 0; i < left; i++)
      code
        .get(pointerC)
        .get(sum)
        .memLane(store, at + i * bytes, i);
  }
}
