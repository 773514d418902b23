import type { Choices } from "../choices.ts";
import { align } from "../memory/allocator.ts";
import type { Loop, Product } from "../plan/group.ts";
import { timeOfLoop, timeOfProduct } from "../plan/time.ts";
import type { Code as RoutineCode } from "../routines/routine.ts";
import { type Cut, chunkSize } from "./cut.ts";
import type { Dimensions } from "./nest.ts";
import { blocksAtOnce } from "./random.ts";
import { type Part, type Shape, dotRows, isDot, isPacked, scratchBytes, tileOf } from "./product-shape.ts";
import type { Arithmetic } from "./tile.ts";

/** Says for a time in nanoseconds what is worth several threads: the time to cut by, or null. */
export type Worth = (time: number) => number | null;

/** Elements of the last dimension that are computed side by side. */
const innerGrain = 16;
/** Dimensions with fewer units leave threads without work at the end. */
const unitsMin = 8;

/** A cut of a flat loop, whose iterations its first parameter counts. */
export function cutFlat(
  loop: Loop,
  { cursors }: Dimensions,
  unroll: number,
  iterations: number,
  worth: Worth,
): Cut | null {
  const time = worth(timeOfLoop(loop));
  if (time === null) return null;
  if (cursors.some(({ role, strides }) => role === "iota" && (strides[0] ?? 0) !== 0)) return null;
  const perChunk = chunkSize(iterations, 1, time);
  if (perChunk === null) return null;
  const steps = cursors.flatMap(({ role, strides }) =>
    role === "iota" ? [] : [(strides[0] ?? 0) * 4 * unroll],
  );
  // The random state stays, and every iteration goes on by as many blocks as it draws.
  const drawn = loop.random === null ? [] : [0, blocksAtOnce];
  return { units: iterations, perChunk, steps: [0, ...steps, ...drawn], count: 0, scratch: null };
}

/** A cut of a nest along one of its dimensions. */
export interface NestCut extends Cut {
  readonly axis: number;
}

/** A cut of a nest along a dimension that stays; `open` says that the first parameter is the first extent. */
export function cutNest(
  loop: Loop,
  { extents, reduced, cursors }: Dimensions,
  open: boolean,
  worth: Worth,
): NestCut | null {
  const time = worth(timeOfLoop(loop));
  const inner = extents.length - 1;
  if (time === null || inner < 0) return null;
  const fits = (axis: number): boolean =>
    !reduced[axis] && cursors.every(({ role, strides }) => role !== "iota" || strides[axis] === 0);
  const grainOf = (axis: number): number => (axis === inner ? innerGrain : 1);
  const grains = (axis: number): number => (fits(axis) ? Math.ceil(extents[axis]! / grainOf(axis)) : 0);
  const axis = grains(0) >= Math.min(unitsMin, grains(inner)) ? 0 : inner;
  const units = extents[axis]!;
  const perChunk = fits(axis) ? chunkSize(units, grainOf(axis), time) : null;
  if (perChunk === null) return null;
  const steps = cursors.flatMap(({ role, strides }) => (role === "iota" ? [] : [strides[axis]!]));
  const count = open && axis === 0 ? 0 : null;
  return { axis, units, perChunk, steps: open ? [0, ...steps] : steps, count, scratch: null };
}

export function withExtent(dimensions: Dimensions, axis: number, extent: number): Dimensions {
  return { ...dimensions, extents: dimensions.extents.map((old, i) => (i === axis ? extent : old)) };
}

/** A cut of a product, and the part of it that so many units are. */
export interface ProductCut extends Cut {
  readonly part: (units: number) => Part;
}

const panelsMin = 12;
/** Each chunk of rows packs the whole of B: with so many rows that costs some percent. */
const packedRowsMin = 192;
const batchMin = 8;

/** Parameters: A, B, C, scratch, then cursors of an epilogue, of which `epilogueSteps` has bytes per row and per column. */
export function cutProduct(
  product: Product,
  shape: Shape,
  choices: Choices,
  arithmetic: Arithmetic,
  epilogueSteps: readonly (readonly [row: number, column: number])[],
  worth: Worth,
): ProductCut | null {
  const time = worth(timeOfProduct(product));
  if (time === null) return null;
  const { m, n, k, transposeA, transposeB } = shape;
  const { bytes, width } = arithmetic;
  const { rows, vectors } = tileOf(shape, choices.tile, arithmetic);
  const whole: Part = { batch: product.batch, m, n };
  const make = (
    units: number,
    perChunk: number | null,
    steps: readonly number[],
    part: (count: number) => Part,
  ): ProductCut | null => {
    if (perChunk === null) return null;
    const needed = align(scratchBytes(product, choices, arithmetic, part(perChunk)));
    const scratch = needed === 0 ? null : { parameter: 3, bytes: needed };
    return { units, perChunk, steps, count: null, scratch, part };
  };
  const rest = (axis: 0 | 1): readonly number[] => [0, ...epilogueSteps.map((steps) => steps[axis])];
  if (product.batch >= batchMin) {
    const steps = [m * k * bytes, k * n * bytes, m * n * bytes, 0];
    return make(product.batch, chunkSize(product.batch, 1, time), steps, (batch) => ({ ...whole, batch }));
  }
  const grain = isDot(shape) ? dotRows : vectors * width;
  const panels = Math.ceil(n / grain);
  if (panels >= panelsMin || panels >= Math.ceil(m / rows)) {
    const steps = [0, (transposeB ? k : 1) * bytes, bytes, ...rest(1)];
    return make(n, chunkSize(n, grain, time), steps, (columns) => ({ ...whole, n: columns }));
  }
  const steps = [(transposeA ? 1 : k) * bytes, 0, n * bytes, ...rest(0)];
  const most =
    isPacked(shape, choices.tile, choices) && Number.isFinite(time)
      ? Math.floor(m / packedRowsMin)
      : undefined;
  return make(m, chunkSize(m, rows, time, most), steps, (count) => ({ ...whole, m: count }));
}

/** The most that is spent on doing for every chunk what is done once for the whole. */
const overheadMax = 0.05;

/** A cut of a routine with so many inputs and outputs, which come before its other parameters. */
export function cutRoutine(code: RoutineCode, tensors: number, worth: Worth): Cut | null {
  const { units, numbers, scratchBytes: bytes, sharedBytes, fault } = code;
  if (!units) return null;
  const [count] = numbers;
  const time = worth(units.time * count!);
  if (time === null) return null;
  const most =
    units.overhead && Number.isFinite(time) ? Math.floor((overheadMax * time) / units.overhead) : undefined;
  const perChunk = chunkSize(count!, 1, time, most);
  if (perChunk === null) return null;
  return {
    units: count!,
    perChunk,
    steps: [
      ...units.steps,
      ...numbers.map((_, i) => units.numberSteps?.[i] ?? 0),
      ...(bytes ? [0] : []),
      ...(sharedBytes ? [units.sharedStep ?? 0] : []),
      ...(fault ? [0] : []),
    ],
    count: tensors,
    scratch: bytes ? { parameter: tensors + numbers.length, bytes: align(bytes) } : null,
  };
}
