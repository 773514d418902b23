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

const blockVectors = 4;

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
    if (this.#dimensions.reduced[this.#inner])
      emitLevels(code, this.#pointers, this.#levels(false), () => this.#alongInner());
    else emitLevels(code, this.#pointers, this.#levels(false), () => this.#acrossInner());
  }

  /** Runs the body for several vectors, then gives every reduction all of its values at once. */
  #vectors(accumulators: readonly Accumulator[], vectors: readonly number[], count: number): void {
    const { code } = this.#target;
    const { cursors } = this.#dimensions;
    const stores = this.#loop.stores.length;
    const first = this.#loop.operands.length;
    const taken: Lanes[][] = this.#loop.reductions.map(() => []);
    const positions: Lanes[][] = this.#loop.reductions.map(() => []);
    const held: Lanes[] = [];
    const load = (i: number, vector: number): Lanes =>
      this.#scalars.get(i) ??
      loadCursor(
        this.#target,
        cursors[i]!,
        this.#pointers[i]!,
        cursors[i]!.strides[this.#inner]!,
        vector,
        count,
      );
    const one = (vector: number): void =>
      this.#body.run(
        (i) => load(i, vector),
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
              vector * 4 * storedBytes(dtype),
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
            const index = load(this.#indexOperand(), vector);
            positions[i - stores]!.push(index);
            held.push(index);
          }
        },
      );
    code.interleave(vectors.map((vector) => () => one(vector)));
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
    const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
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
      if (rest > 0)
        this.#vectors(
          accumulators,
          range(rest).map((i) => i + behind),
          4,
        );
      if (tail > 0) this.#vectors(accumulators, [behind + rest], tail);
      return forward;
    });
    // Results do not move along reduced dimensions, so they stand where they stood.
    this.#finish(accumulators, true, 0, 1);
    for (const total of accumulators) total.dispose();
    return moved;
  }

  /** The innermost dimension stays: every lane is a result, a few vectors at a time go down the reduced ones. */
  #acrossInner(): readonly number[] {
    const { code } = this.#target;
    const extent = this.#dimensions.extents[this.#inner]!;
    const vectors = Math.floor(extent / 4);
    const tail = extent % 4;
    const width = Math.max(
      1,
      Math.min(blockVectors, vectors, this.#loop.cost <= unrollBelow ? blockVectors : 1),
    );
    const block = (first: number, count: number, lanes: number): readonly number[] => {
      const totals = Array.from({ length: count }, () => this.#accumulators());
      for (const total of totals.flat()) total.reset();
      // The reduced dimensions start again for the next block: pointers that walk them are put back.
      const saved = this.#pointers.map((pointer) => {
        const local = code.local("i32");
        code.get(pointer).set(local);
        return local;
      });
      emitLevels(code, this.#pointers, this.#levels(true), () => {
        for (const [i, total] of totals.entries())
          this.#vectors(total, [first + i], i === count - 1 ? lanes : 4);
        return this.#steps(0);
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
    const blocks = Math.floor(vectors / width);
    const still = this.#steps(0);
    const forward =
      blocks > 0 && vectors > 0
        ? emitLevels(code, this.#pointers, [{ extent: blocks, steps: this.#steps(4 * width) }], () =>
            block(0, width, 4),
          )
        : still;
    const behind = blocks === 1 ? width : 0;
    const rest = vectors - blocks * width + (tail > 0 ? 1 : 0);
    if (rest > 0) block(behind, rest, tail > 0 ? tail : 4);
    return forward;
  }
}
