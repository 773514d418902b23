import { where } from "../kernels/logic.ts";
import type { Loop } from "../plan/group.ts";
import type { Local } from "../wasm/code.ts";
import { type Accumulator, accumulator, identityOf, manyElements } from "./accumulator.ts";
import { Body } from "./body.ts";
import type { Target } from "./expression.ts";
import { type Lanes, apply, constantLanes, release, storeVector, storedBytes } from "./lanes.ts";
import { hoist, pointersOf } from "./elementwise-loop.ts";
import {
  type Dimensions,
  type Extent,
  type Level,
  emitLevels,
  hasOpenExtent,
  isOpenRow,
  loadCursor,
} from "./nest.ts";
import { type ColumnBlock, columnBlockOf, reducedCount, reducedRowOf, stripsOf } from "./reduction-shape.ts";
import { type OpenNest, emitOpenLevels, firstNumber } from "./open-nest.ts";

/** A vector along the innermost dimension, and how far down the innermost reduced one, from where the pointers stand. */
interface Spot {
  readonly vector: number;
  readonly row: number;
}

/** A loop with reductions; parameters as those of `emitNest`. The index that argmax reads is an operand. */
export function emitReduction(
  target: Target,
  loop: Loop,
  dimensions: Dimensions,
  openNest: OpenNest | null,
): void {
  new ReductionLoop(target, loop, dimensions, openNest).emit();
}

class ReductionLoop {
  readonly #target: Target;
  readonly #loop: Loop;
  readonly #dimensions: Dimensions;
  readonly #pointers: number[];
  readonly #scalars: Map<number, Lanes>;
  readonly #body: Body;
  readonly #inner: number;
  /** The innermost reduced dimension. */
  readonly #down: number;
  readonly #open: boolean;
  readonly #openNest: OpenNest | null;

  constructor(target: Target, loop: Loop, dimensions: Dimensions, openNest: OpenNest | null) {
    this.#target = target;
    this.#loop = loop;
    this.#dimensions = dimensions;
    const { cursors } = dimensions;
    this.#open = hasOpenExtent(loop, dimensions);
    this.#openNest = openNest;
    this.#pointers = pointersOf(target, cursors, this.#open ? 1 : 0);
    this.#scalars = hoist(target, cursors, this.#pointers, (i) =>
      cursors[i]!.strides.every((step) => step === 0),
    );
    this.#body = new Body(target, loop);
    this.#inner = dimensions.extents.length - 1;
    this.#down = dimensions.reduced.lastIndexOf(true);
  }

  get #isOpenRow(): boolean {
    return isOpenRow(this.#dimensions);
  }

  /** The loops over the given dimensions; `scale` iterations of the last one at a time. */
  #levels(reduced: boolean): Level[] {
    const { extents, cursors } = this.#dimensions;
    return extents.flatMap((extent, d) =>
      d !== this.#inner && this.#dimensions.reduced[d] === reduced
        ? [
            {
              extent: this.#open && d === 0 ? { local: 0 } : extent,
              steps: cursors.map(({ strides }) => strides[d]!),
            },
          ]
        : [],
    );
  }

  #steps(factor: number): number[] {
    return this.#dimensions.cursors.map(({ strides }) => strides[this.#inner]! * factor);
  }

  #accumulators(): Accumulator[] {
    const count = reducedCount(this.#dimensions);
    const many = count >= manyElements;
    return this.#loop.reductions.map((reduction) =>
      accumulator(this.#target, reduction, this.#total ?? count, many),
    );
  }

  /** Where the number of elements that are reduced to one stands, if that is open. */
  get #total(): { readonly local: Local } | null {
    const { reduced, cursors } = this.#dimensions;
    if (this.#openNest) return { local: firstNumber(cursors) + this.#openNest.total! };
    return this.#open && reduced[0] && !reduced.includes(true, 1) ? { local: 0 } : null;
  }

  emit(): void {
    const { code } = this.#target;
    const block = columnBlockOf(this.#loop, this.#dimensions, this.#target.choices);
    if (this.#openNest && block) {
      const first = firstNumber(this.#dimensions.cursors);
      emitOpenLevels(code, this.#pointers, this.#openNest, 1, first, () => void this.#acrossInner(block));
      return;
    }
    emitLevels(code, this.#pointers, this.#levels(false), () =>
      block ? this.#acrossInner(block) : this.#alongInner(),
    );
  }

  /** Runs the body for several vectors, then gives every reduction all of its values at once. */
  #vectors(accumulators: readonly Accumulator[], spots: readonly Spot[], count: number): void {
    const { code } = this.#target;
    const { cursors } = this.#dimensions;
    const stores = this.#loop.stores.length;
    const first = this.#loop.operands.length;
    const taken: Lanes[][] = this.#loop.reductions.map(() => []);
    const positions: Lanes[][] = this.#loop.reductions.map(() => []);
    const held: Lanes[] = [];
    const down = (i: number, row: number): number => (row === 0 ? 0 : row * cursors[i]!.strides[this.#down]!);
    const load = (i: number, { vector, row }: Spot): Lanes =>
      this.#scalars.get(i) ??
      loadCursor(
        this.#target,
        cursors[i]!,
        this.#pointers[i]!,
        cursors[i]!.strides[this.#inner]!,
        vector,
        count,
        down(i, row),
      );
    const one = (spot: Spot): void =>
      this.#body.run(
        (i) => load(i, spot),
        () => {
          throw new RangeError("A reduction draws no random bits.");
        },
        (i, lanes) => {
          if (i < stores) {
            const { dtype } = cursors[first + i]!;
            storeVector(
              code,
              this.#pointers[first + i]!,
              dtype,
              lanes,
              spot.vector * 4 * storedBytes(dtype) + down(first + i, spot.row),
              count,
            );
            return;
          }
          const reduction = this.#loop.reductions[i - stores]!;
          // The body releases its registers after this call, so what is kept for later is copied.
          const value = this.#masked(lanes, reduction, count);
          taken[i - stores]!.push(value);
          held.push(value);
          if (reduction.reduce === "argmax") {
            const index = load(this.#indexOperand(), spot);
            positions[i - stores]!.push(index);
            held.push(index);
          }
        },
      );
    code.interleave(spots.map((spot) => () => one(spot)));
    for (const [i, values] of taken.entries()) accumulators[i]!.add(values, positions[i]!);
    for (const lanes of held) release(code, lanes);
  }

  #indexOperand(): number {
    return this.#loop.operands.length - 1;
  }

  /** A copy of the lanes in which those beyond `count` change nothing. */
  #masked(lanes: Lanes, { reduce, dtype }: Loop["reductions"][number], count: number): Lanes {
    const { code } = this.#target;
    if (count === 4 || !this.#dimensions.reduced[this.#inner]) {
      const parts = lanes.parts.map((part) => {
        const local = code.local("v128");
        code.get(part).set(local);
        return local;
      });
      return { kind: lanes.kind, parts, shared: false };
    }
    const mask = code.local("v128");
    const lane = (i: number): number => (i < count ? -1 : 0);
    code.i32x4(lane(0), lane(1), lane(2), lane(3)).set(mask);
    const result = apply(
      this.#target,
      where,
      [
        { kind: "mask", parts: [mask], shared: true },
        lanes,
        constantLanes(code, identityOf(reduce, dtype), dtype),
      ],
      dtype,
    );
    code.release(mask);
    return result;
  }

  #finish(accumulators: readonly Accumulator[], across: boolean, vector: number, count: number): void {
    const { code } = this.#target;
    const first = this.#loop.operands.length + this.#loop.stores.length;
    for (const [i, total] of accumulators.entries()) {
      const { dtype } = this.#dimensions.cursors[first + i]!;
      const lanes = total.finish(across);
      storeVector(code, this.#pointers[first + i]!, dtype, lanes, vector * 4 * storedBytes(dtype), count);
      release(code, lanes);
    }
  }

  /** The innermost dimension is summed away: lanes run along it and are combined at the end. */
  #alongInner(): readonly number[] {
    const { code } = this.#target;
    const { unroll, blocks, rest } = reducedRowOf(this.#loop, this.#dimensions, this.#target.choices);
    const accumulators = this.#accumulators();
    for (const total of accumulators) total.reset();
    const open = this.#isOpenRow ? { local: code.local("i32") } : null;
    if (open)
      code
        .get(0)
        .i32(4 * unroll)
        .op("i32.div_u")
        .set(open.local);
    const range = (length: number, from = 0): Spot[] =>
      Array.from({ length }, (_, i) => ({ vector: from + i, row: 0 }));
    const row = (): readonly number[] => {
      const steps = this.#steps(4 * unroll);
      const still = steps.map(() => 0);
      const forward =
        blocks === 0
          ? still
          : emitLevels(code, this.#pointers, [{ extent: open ?? blocks, steps }], () => {
              this.#vectors(accumulators, range(unroll), 4);
              return still;
            });
      const behind = blocks === 1 && !open ? unroll : 0;
      const vectors = Math.floor(rest / 4);
      if (vectors > 0) this.#vectors(accumulators, range(vectors, behind), 4);
      if (rest % 4 > 0) this.#vectors(accumulators, range(1, behind + vectors), rest % 4);
      return forward;
    };
    let moved: readonly number[] = [];
    if (this.#openNest) {
      const first = firstNumber(this.#dimensions.cursors);
      emitOpenLevels(code, this.#pointers, this.#openNest, this.#inner, first, () => void row());
    } else moved = emitLevels(code, this.#pointers, this.#levels(true), row);
    // Results do not move along reduced dimensions, so they stand where they stood.
    this.#finish(accumulators, true, 0, 1);
    for (const total of accumulators) total.dispose();
    return moved;
  }

  /**
   * Goes down the reduced dimensions: `each` gets the rows that are taken at once. What is left of a column comes one by
   * one.
   */
  #downColumns(atOnce: number, each: (rows: readonly number[]) => void): void {
    const { code } = this.#target;
    const levels = this.#levels(true);
    const { extent: known, steps } = levels.pop()!;
    const extent: Extent = this.#openNest ? this.#total! : known;
    const rows = Array.from({ length: atOnce }, (_, row) => row);
    const still = this.#steps(0);
    const times = (count: Level["extent"], by: number, of: readonly number[]): readonly number[] =>
      emitLevels(code, this.#pointers, [{ extent: count, steps: steps.map((step) => step * by) }], () => {
        each(of);
        return still;
      });
    if (typeof extent !== "number") {
      // The only reduced dimension.
      const count = code.local("i32");
      const some = (by: number, of: readonly number[]): unknown =>
        code.get(count).if(() => void times({ local: count }, by, of));
      code.get(extent.local).i32(Math.log2(atOnce)).op("i32.shr_u").set(count);
      some(atOnce, rows);
      code
        .get(extent.local)
        .i32(atOnce - 1)
        .op("i32.and")
        .set(count);
      if (atOnce > 1) some(1, [0]);
      code.release(count);
      return;
    }
    emitLevels(code, this.#pointers, levels, () => {
      const groups = Math.floor(extent / atOnce);
      const left = extent % atOnce;
      const moved = groups === 0 ? still : times(groups, atOnce, rows);
      // A level that runs once moves nothing.
      const behind = groups === 1 ? atOnce : 0;
      if (left === 0) return moved;
      const last = times(left, 1, [behind]);
      return moved.map((bytes, i) => bytes + last[i]!);
    });
  }

  /** The innermost dimension stays: every lane is a result, a few vectors at a time go down the reduced ones. */
  #acrossInner(block: ColumnBlock): readonly number[] {
    const { code } = this.#target;
    const extent = this.#dimensions.extents[this.#inner]!;
    const vectors = Math.floor(extent / 4);
    const tail = extent % 4;
    const { width, strips } = stripsOf(this.#loop, this.#dimensions, this.#target.choices);
    const strip = (first: number, count: number, lanes: number): readonly number[] => {
      const totals = Array.from({ length: count }, () => this.#accumulators());
      for (const total of totals.flat()) total.reset();
      // The reduced dimensions start again for the next strip: pointers that walk them are put back.
      const saved = this.#pointers.map((pointer) => {
        const local = code.local("i32");
        code.get(pointer).set(local);
        return local;
      });
      this.#downColumns(block.rows, (rows) => {
        for (const [i, total] of totals.entries())
          this.#vectors(
            total,
            rows.map((row) => ({ vector: first + i, row })),
            i === count - 1 ? lanes : 4,
          );
      });
      for (const [i, pointer] of this.#pointers.entries()) {
        code.get(saved[i]!).set(pointer);
        code.release(saved[i]!);
      }
      for (const [i, total] of totals.entries())
        this.#finish(total, false, first + i, i === count - 1 ? lanes : 4);
      for (const total of totals.flat()) total.dispose();
      return this.#steps(0);
    };
    const still = this.#steps(0);
    const forward =
      strips > 0 && vectors > 0
        ? emitLevels(code, this.#pointers, [{ extent: strips, steps: this.#steps(4 * width) }], () =>
            strip(0, width, 4),
          )
        : still;
    const behind = strips === 1 ? width : 0;
    const rest = vectors - strips * width + (tail > 0 ? 1 : 0);
    if (rest > 0) strip(behind, rest, tail > 0 ? tail : 4);
    return forward;
  }
}
