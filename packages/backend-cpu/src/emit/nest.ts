import type { DType } from "@polykeras/core";
import type { Loop, Operand } from "../plan/group.ts";
import type { Code, Local } from "../wasm/code.ts";
import type { Target } from "./expression.ts";
import { type Lanes, loadBackward, loadSplat, loadStrided, loadVector, storedBytes } from "./lanes.ts";

/** One pointer of a loop nest: an operand, a store or the output of a reduction. Strides are in bytes. */
export interface Cursor {
  readonly role: "load" | "iota" | "store" | "result";
  readonly dtype: DType;
  readonly strides: readonly number[];
}

/** A loop's dimensions after merging those that all cursors walk as one. */
export interface Dimensions {
  readonly extents: readonly number[];
  readonly reduced: readonly boolean[];
  /** In the order of operands, stores, reductions. */
  readonly cursors: readonly Cursor[];
}

/** The loop with the operand that argmax takes positions from: the index along the dimension that is reduced. */
export function withPositions(loop: Loop): Loop {
  if (!loop.reductions.some(({ reduce }) => reduce === "argmax")) return loop;
  const strides = loop.reduced.map(Number);
  return { ...loop, operands: [...loop.operands, { kind: "iota", strides }] };
}

export function dimensionsOf(loop: Loop): Dimensions {
  const rank = loop.extents.length;
  const keptStrides: number[] = Array.from({ length: rank }, () => 0);
  for (let i = rank - 1, stride = 1; i >= 0; i--) {
    if (loop.reduced[i]) continue;
    keptStrides[i] = stride;
    stride *= loop.extents[i]!;
  }
  const walks: Walk[] = [];
  for (const operand of loop.operands) walks.push(walkOf(operand, rank));
  for (const { access } of loop.stores)
    walks.push({ role: "store", dtype: access.dtype, strides: access.strides });
  for (const { reduce, dtype } of loop.reductions)
    walks.push({ role: "result", dtype: reduce === "argmax" ? "int32" : dtype, strides: keptStrides });
  const extents: number[] = [];
  const reduced: boolean[] = [];
  /** The last dimension of each merged one: its strides are those of the whole. */
  const lasts: number[] = [];
  for (let d = 0; d < rank; d++)
    if (d > 0 && merges(loop, walks, d)) {
      extents[extents.length - 1]! *= loop.extents[d]!;
      lasts[lasts.length - 1] = d;
    } else {
      extents.push(loop.extents[d]!);
      reduced.push(loop.reduced[d]!);
      lasts.push(d);
    }
  const cursors = walks.map((walk) => inBytes({ ...walk, strides: lasts.map((d) => walk.strides[d]!) }));
  return { extents, reduced, cursors };
}

/** A cursor whose strides are in elements, along all dimensions of its loop. */
type Walk = Cursor;

/** How an operand of a loop of that rank is read. */
export function walkOf(operand: Operand, rank: number): Walk {
  if (operand.kind === "iota") return { role: "iota", dtype: "int32", strides: operand.strides };
  if (operand.kind === "load") return { role: "load", dtype: operand.dtype, strides: operand.strides };
  return { role: "load", dtype: "float32", strides: Array.from({ length: rank }, () => 0) };
}

export function inBytes({ role, dtype, strides }: Walk): Cursor {
  const bytes = role === "iota" ? 1 : storedBytes(dtype);
  return { role, dtype, strides: strides.map((stride) => stride * bytes) };
}

/** Whether all walk a dimension and the one before it as one. */
function merges({ extents, reduced }: Loop, walks: readonly Walk[], d: number): boolean {
  if (reduced[d] !== reduced[d - 1]) return false;
  for (const { strides } of walks) if (strides[d - 1] !== strides[d]! * extents[d]!) return false;
  return true;
}

/**
 * One loop of a nest: how often it runs and how far each cursor moves, in bytes, per iteration. The count may be
 * a local for the outermost loop, whose total nobody needs.
 */
export interface Level {
  readonly extent: Extent;
  readonly steps: readonly number[];
}

/** How often a loop runs: known, or in a local, which is not 0. */
export type Extent = number | { readonly local: Local };

/**
 * Emits nested loops around `inner`. `inner`, and the whole, return how far each cursor has moved, so that the
 * loop around them can set it right with one addition.
 */
export function emitLevels(
  code: Code,
  pointers: readonly Local[],
  levels: readonly Level[],
  inner: () => readonly number[],
): readonly number[] {
  const [level, ...rest] = levels;
  if (!level) return inner();
  const { extent, steps } = level;
  if (extent === 1) return emitLevels(code, pointers, rest, inner);
  emitTimes(code, extent, () => {
    const moved = emitLevels(code, pointers, rest, inner);
    for (let i = 0; i < pointers.length; i++) advance(code, pointers[i]!, steps[i]! - moved[i]!);
  });
  return typeof extent === "number" ? steps.map((step) => step * extent) : [];
}

/** Emits a loop that runs so often, which is not 0. */
export function emitTimes(code: Code, extent: Extent, body: () => void): void {
  const counter = code.local("i32");
  if (typeof extent === "number") code.i32(extent);
  else code.get(extent.local);
  code.set(counter);
  code.loop(() => {
    body();
    code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(0);
  });
  code.release(counter);
}

/** Whether everything of one dimension is reduced, with some whole vectors: their number is then open. */
export function isOpenRow({ extents, reduced }: Dimensions): boolean {
  return extents.length === 1 && reduced[0] === true && extents[0]! >= 4;
}

/** Whether the first dimension's extent can be a parameter, so that other batch sizes run the same code. */
export function hasOpenExtent(loop: Loop, dimensions: Dimensions): boolean {
  const { extents, reduced } = dimensions;
  if (isOpenRow(dimensions)) return true;
  if (extents.length < 2) return false;
  if (!reduced[0] || reduced.every(Boolean)) return true;
  // With both ends reduced, the first one runs inside of what is kept.
  if (reduced.at(-1)) return false;
  // A mean divides by the number of what it reduces, which is that of the first dimension alone.
  return !reduced.includes(true, 1) || loop.reductions.every(({ reduce }) => reduce !== "mean");
}

export function advance(code: Code, pointer: Local, bytes: number): void {
  if (bytes !== 0) code.get(pointer).i32(bytes).op("i32.add").set(pointer);
}

/** Loads `count` neighbours of a cursor along a dimension, `vector` vectors and `ahead` bytes after its pointer. */
export function loadCursor(
  target: Target,
  cursor: Cursor,
  pointer: Local,
  stride: number,
  vector: number,
  count: number,
  ahead = 0,
): Lanes {
  const { code } = target;
  const offset = vector * 4 * stride + ahead;
  if (cursor.role === "iota") {
    const local = code.local("v128");
    code.get(pointer);
    if (offset !== 0) code.i32(offset).op("i32.add");
    code.op("i32x4.splat");
    if (stride !== 0) code.i32x4(0, stride, 2 * stride, 3 * stride).op("i32x4.add");
    code.set(local);
    return { kind: "i32", parts: [local], shared: false };
  }
  if (stride === 0) return { ...loadSplat(code, pointer, cursor.dtype, ahead), shared: false };
  if (stride < 0) return loadBackward(code, pointer, cursor.dtype, stride, offset, count);
  return stride === storedBytes(cursor.dtype)
    ? loadVector(code, pointer, cursor.dtype, offset)
    : loadStrided(code, pointer, cursor.dtype, stride, offset, count);
}
