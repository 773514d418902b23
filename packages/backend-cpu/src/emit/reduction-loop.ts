import { sizeOf } from "@polykeras/core";
import type { Choices } from "../choices.ts";
import { where } from "../kernels/logic.ts";
import type { Loop } from "../plan/group.ts";
import { type Accumulator, accumulator, identityOf } from "./accumulator.ts";
import { Body } from "./body.ts";
import type { Target } from "./expression.ts";
import { type Lanes, apply, constantLanes, release, storeVector, storedBytes } from "./lanes.ts";
import { hoist, pointersOf, unrollOf } from "./elementwise-loop.ts";
import {
  type Dimensions,
  type Level,
  emitLevels,
  hasOpenExtent,
  isOpenRow,
  loadCursor,
  unrollBelow,
} from "./nest.ts";

/** A vector along the innermost dimension, and how far down the innermost reduced one, from where the pointers stand. */
interface Spot {
  readonly vector: number;
  readonly row: number;
}

/** What goes down a reduced dimension together where the innermost one stays: rows by vectors. */
interface ColumnBlock {
  readonly rows: number;
  readonly vectors: number;
}

/** Null where the innermost dimension is reduced. It is part of a loop's key; the vectors make no difference to results. */
export function columnBlockOf(
  { extents, cost }: Loop,
  { reduced, cursors }: Dimensions,
  { largeLoop, hugeLoop }: Choices,
): ColumnBlock | null {
  if (!reduced.includes(true) || reduced.at(-1) !== false) return null;
  const elements = sizeOf(extents);
  const isLarge = elements >= largeLoop;
  const down = reduced.lastIndexOf(true);
  // Rows are immediate offsets, which cannot go backward.
  const isBackward = cursors.some(({ strides }) => strides[down]! < 0);
  if (cost > unrollBelow) return { rows: isLarge && !isBackward ? unrollOf(cost, true) : 1, vectors: 1 };
  return { rows: isBackward ? 1 : 4, vectors: isLarge ? (elements < hugeLoop ? 8 : 16) : 1 };
}

/** A loop with reductions; parameters as those of `emitNest`. The index that argmax reads is an operand. */
export function emitReduction(target: Target, loop: Loop, dimensions: Dimensions): void {
  new ReductionLoop(target, loop, dimensions).emit();
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

  constructor(target: Target, loop: Loop, dimensions: Dimensions) {
    this.#target = target;
    this.#loop = loop;
    this.#dimensions = dimensions;
    const { cursors } = dimensions;
    this.#open = hasOpenExtent(loop, dimensions, target.choices);
    this.#pointers = pointersOf(target, cursors, this.#open ? 1 : 0);
    this.#scalars = hoist(target, cursors, this.#pointers, (i) =>
      cursors[i]!.strides.every((step) => step === 0),
    );
    this.#body = new Body(target, loop);
    this.#inner = dimensions.extents.length - 1;
    this.#down = dimensions.reduced.lastIndexOf(true);
  }

  get #isOpenRow(): boolean {
    return isOpenRow(this.#loop, this.#dimensions, this.#target.choices);
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
    const { extents, reduced } = this.#dimensions;
    const count = extents.reduce((size, extent, d) => (reduced[d] ? size * extent : size), 1);
    const total = this.#isOpenRow ? { local: 0 } : count;
    return this.#loop.reductions.map((reduction) => accumulator(this.#target, reduction, total));
  }

  emit(): void {
    const { code } = this.#target;
    const block = columnBlockOf(this.#loop, this.#dimensions, this.#target.choices);
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

  /** Vectors of a row that are taken at once. */
  #unroll(vectors: number): number {
    const { cost } = this.#loop;
    if (cost <= unrollBelow) return 4;
    // A row whose length is open goes on by one vector.
    const long = vectors >= this.#target.choices.longRow && !this.#isOpenRow;
    return long ? unrollOf(cost, true) : 1;
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
    const extent = this.#dimensions.extents[this.#inner]!;
    const vectors = Math.floor(extent / 4);
    const tail = extent % 4;
    const unroll = Math.min(this.#unroll(vectors), Math.max(1, vectors));
    const accumulators = this.#accumulators();
    for (const total of accumulators) total.reset();
    const open = this.#isOpenRow ? { local: code.local("i32") } : null;
    if (open) code.get(0).i32(2).op("i32.shr_u").set(open.local);
    const range = (length: number, from = 0): Spot[] =>
      Array.from({ length }, (_, i) => ({ vector: from + i, row: 0 }));
    const moved = emitLevels(code, this.#pointers, this.#levels(true), () => {
      const steps = this.#steps(4 * unroll);
      const blocks = Math.floor(vectors / unroll);
      const still = steps.map(() => 0);
      const forward =
        blocks === 0
          ? still
          : emitLevels(code, this.#pointers, [{ extent: open ?? blocks, steps }], () => {
              this.#vectors(accumulators, range(unroll), 4);
              return still;
            });
      const behind = blocks === 1 ? unroll : 0;
      const rest = vectors - blocks * unroll;
      if (rest > 0) this.#vectors(accumulators, range(rest, behind), 4);
      if (tail > 0) this.#vectors(accumulators, range(1, behind + rest), tail);
      return forward;
    });
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
    const { extent, steps } = levels.pop()!;
    const rows = Array.from({ length: atOnce }, (_, row) => row);
    const still = this.#steps(0);
    const times = (count: Level["extent"], by: number, of: readonly number[]): readonly number[] =>
      emitLevels(code, this.#pointers, [{ extent: count, steps: steps.map((step) => step * by) }], () => {
        each(of);
        return still;
      });
    if (typeof extent !== "number") {
      // The only reduced dimension: it is the first one.
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
    const width = Math.max(1, Math.min(block.vectors, vectors));
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
    const strips = Math.floor(vectors / width);
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
