import type { Choices } from "../choices.ts";
import type { Loop } from "../plan/group.ts";
import type { Local } from "../wasm/code.ts";
import { Body } from "./body.ts";
import type { Target } from "./expression.ts";
import { type Lanes, loadSplat, storeVector, storedBytes } from "./lanes.ts";
import { type Cursor, type Dimensions, advance, emitLevels, hasOpenExtent, loadCursor } from "./nest.ts";
import { type OpenNest, emitOpenLevels, firstNumber } from "./open-nest.ts";
import { RandomBits } from "./random.ts";

/**
 * How often a body is repeated: the cheaper it is, the more the loop's own instructions count. In large loops costly
 * bodies too stand side by side, as many as there are registers for, so that one works while another waits.
 */
export function unrollOf(cost: number, large: boolean): number {
  if (cost <= 4 || (large && cost <= 40)) return 4;
  return cost <= 10 || (large && cost <= 100) ? 2 : 1;
}

function noRandom(): Lanes {
  throw new RangeError("This loop draws no random bits.");
}

/** Vectors per iteration of a flat loop. */
export function flatUnroll(loop: Loop, elements: number, { largeLoop }: Choices): number {
  // A draw is 32 words, of which float64 takes two per element.
  if (loop.random !== null) return loop.body[0]!.dtype === "float64" ? 4 : 8;
  if (elements <= 4) return 1;
  return unrollOf(loop.cost, elements >= largeLoop);
}

/** One element after the other, or the same one, for all cursors: such loops share code whatever their length. */
export function isFlat(loop: Loop, { extents, cursors }: Dimensions): boolean {
  if (extents.length > 1 || loop.reductions.length > 0 || loop.stores.some(({ partial }) => partial))
    return false;
  return cursors.every(({ role, dtype, strides }) => {
    const stride = strides[0] ?? 0;
    if (role === "iota") return stride <= 1;
    return stride === storedBytes(dtype) || (stride === 0 && (role === "load" || extents.length === 0));
  });
}

/**
 * A flat loop: parameters are the number of iterations, then one pointer per cursor, then, where it draws, the random
 * state and the number of the first block.
 * The last iteration may write up to the end of the padded storage.
 */
export function emitFlat(target: Target, loop: Loop, { cursors }: Dimensions, unroll: number): void {
  const { code } = target;
  const counter = 0;
  const pointers = pointersOf(target, cursors, 1);
  const moving = cursors.map(({ role, strides, dtype }) =>
    role === "load" && (strides[0] ?? 0) === 0 ? 0 : role === "iota" ? (strides[0] ?? 0) : storedBytes(dtype),
  );
  const scalars = hoist(target, cursors, pointers, (i) => moving[i] === 0);
  const state = cursors.filter(({ role }) => role !== "iota").length + 1;
  const bits = loop.random === null ? null : new RandomBits(target, state, state + 1);
  const body = new Body(target, loop);
  const first = loop.operands.length;
  code.loop(() => {
    const words = bits?.draw() ?? [];
    const vector = (u: number): void =>
      body.run(
        (i) => scalars.get(i) ?? loadCursor(target, cursors[i]!, pointers[i]!, moving[i]!, u, 4),
        () => (bits ? bits.uniform(words, u, loop.body[0]!.dtype) : noRandom()),
        (i, lanes) => {
          const { dtype } = cursors[first + i]!;
          storeVector(code, pointers[first + i]!, dtype, lanes, u * 4 * storedBytes(dtype), 4);
        },
      );
    code.interleave(Array.from({ length: unroll }, (_, u) => () => vector(u)));
    for (const word of words) code.release(word);
    for (let i = 0; i < pointers.length; i++) advance(code, pointers[i]!, moving[i]! * 4 * unroll);
    code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
  });
}

/** Locals of the cursors: parameters from `first` on; an iota counts in a local of its own, which starts at 0. */
export function pointersOf({ code }: Target, cursors: readonly Cursor[], first: number): Local[] {
  let next = first;
  return cursors.map(({ role }) => (role === "iota" ? code.local("i32") : next++));
}

/** Loads what never changes within a loop. */
export function hoist(
  target: Target,
  cursors: readonly Cursor[],
  pointers: readonly Local[],
  still: (index: number) => boolean,
): Map<number, Lanes> {
  const lanes = new Map<number, Lanes>();
  for (let i = 0; i < cursors.length; i++) {
    const { role, dtype } = cursors[i]!;
    if (role === "load" && still(i)) lanes.set(i, loadSplat(target.code, pointers[i]!, dtype));
  }
  return lanes;
}

/** How a nest goes along its innermost dimension. */
interface Row {
  /** Vectors in all, and how many of them in an iteration. */
  readonly vectors: number;
  readonly unroll: number;
  readonly blocks: number;
  /** Bytes from one element to the next, and from the first to where the cursor stands afterwards. */
  readonly strides: readonly number[];
  readonly moved: readonly number[];
}

export function rowOf(loop: Loop, { extents, cursors }: Dimensions, { longRow }: Choices): Row {
  const inner = Math.max(0, extents.length - 1);
  const strides = cursors.map(
    ({ role, dtype, strides: all }) => all[inner] ?? (role === "store" ? storedBytes(dtype) : 0),
  );
  const vectors = Math.floor((extents[inner] ?? 1) / 4);
  const limit = unrollOf(loop.cost, vectors >= longRow);
  const even = vectors % 4 === 0 ? limit : vectors % 2 === 0 ? Math.min(2, limit) : 1;
  // Long rows go by as many as there may be; what is left over comes after them.
  const unroll = vectors >= longRow ? limit : even;
  const blocks = Math.floor(vectors / unroll);
  // A level that runs once moves nothing.
  const moved = strides.map((stride) => (blocks > 1 ? stride * 4 * unroll * blocks : 0));
  return { vectors, unroll, blocks, strides, moved };
}

/**
 * A loop nest, exact at its ends; parameters are the first extent, where that is open, one pointer per cursor, and the
 * numbers of the open form, if it has that.
 */
export function emitNest(
  target: Target,
  loop: Loop,
  dimensions: Dimensions,
  openNest: OpenNest | null,
): void {
  const { code, choices } = target;
  const { cursors } = dimensions;
  const extents = dimensions.extents.length > 0 ? dimensions.extents : [1];
  const inner = extents.length - 1;
  const open = hasOpenExtent(loop, dimensions);
  const pointers = pointersOf(target, cursors, open ? 1 : 0);
  const { vectors, unroll, blocks, strides: along, moved } = rowOf(loop, dimensions, choices);
  const stride = (i: number): number => along[i]!;
  const scalars = hoist(target, cursors, pointers, (i) => cursors[i]!.strides.every((step) => step === 0));
  const body = new Body(target, loop);
  const first = loop.operands.length;
  const row = (): void => {
    const rows = hoist(target, cursors, pointers, (i) => stride(i) === 0 && !scalars.has(i));
    const tail = extents[inner]! % 4;
    const vector = (u: number, count: number): void =>
      body.run(
        (i) =>
          scalars.get(i) ?? rows.get(i) ?? loadCursor(target, cursors[i]!, pointers[i]!, stride(i), u, count),
        noRandom,
        (i, lanes) =>
          store(target, cursors[first + i]!, pointers[first + i]!, stride(first + i), lanes, u, count),
      );
    const steps = cursors.map((_, i) => stride(i) * 4 * unroll);
    if (blocks > 0)
      emitLevels(code, pointers, [{ extent: blocks, steps }], () => {
        code.interleave(Array.from({ length: unroll }, (_, u) => () => vector(u, 4)));
        return steps.map(() => 0);
      });
    // A level that runs once moves nothing.
    const behind = blocks === 1 ? unroll : 0;
    const rest = vectors - blocks * unroll;
    for (let u = 0; u < rest; u++) vector(behind + u, 4);
    if (tail > 0) vector(behind + rest, tail);
  };
  if (!openNest) {
    const levels = extents.slice(0, inner).map((extent, d) => ({
      extent: open && d === 0 ? { local: 0 } : extent,
      steps: cursors.map(({ strides }) => strides[d]!),
    }));
    emitLevels(code, pointers, levels, () => {
      row();
      return moved;
    });
    return;
  }
  emitOpenLevels(code, pointers, openNest, inner, firstNumber(cursors), row);
}

/** Stores lanes at a stride: neighbours as a vector, others one by one. */
export function store(
  { code }: Target,
  cursor: Cursor,
  pointer: Local,
  stride: number,
  lanes: Lanes,
  vector: number,
  count: number,
): void {
  const bytes = storedBytes(cursor.dtype);
  if (stride === bytes) return storeVector(code, pointer, cursor.dtype, lanes, vector * 4 * bytes, count);
  const perPart = lanes.kind === "f64" ? 2 : 4;
  for (let i = 0; i < count; i++) {
    const part = lanes.parts[Math.floor(i / perPart)]!;
    const at = (vector * 4 + i) * stride;
    code.get(pointer).get(part);
    if (bytes === 8) code.memLane("v128.store64_lane", at, i % 2);
    else if (bytes === 4) code.memLane("v128.store32_lane", at, i);
    else {
      if (lanes.kind === "mask") code.constant("i32x4", 1).op("v128.and");
      code.memLane("v128.store8_lane", at, i * 4);
    }
  }
}
