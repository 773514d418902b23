import { sizeOf } from "@polykeras/core";
import type { Choices } from "../choices.ts";
import { timeOfSum } from "../plan/time.ts";
import { Frame } from "./conv-frame.ts";
import type { Geometry } from "./conv-geometry.ts";
import { phasesOf } from "./conv-phases.ts";
import { type Plan, planOf } from "./conv-plan.ts";
import { widthOf } from "./conv-tiles.ts";

/** Outputs of a tile along an axis, and inputs that they need. */
export const outputs = 2;
export const inputs = 4;
/** Products of a tile for each pair of channels. */
export const products: number = inputs * inputs;

/** How the transformed tiles of a block stand in memory: a matrix of so many rows for each product. */
export interface Side {
  /** Vectors of four channels. */
  readonly vectors: number;
  /** Bytes from one tile to the next. */
  readonly step: number;
  /** Bytes from one product's matrix to the next. */
  readonly stride: number;
}

/** So many passes over all images, each for so many filters. */
export interface Pass {
  readonly count: number;
  readonly filters: number;
}

/** A convolution, or its input's gradient, by F(2x2, 3x3). */
export interface WinogradPlan {
  /** Panels are those of the transformed kernel. */
  readonly plan: Plan;
  /** With room for whole tiles. */
  readonly frame: Frame;
  /** Where the first tile begins in the frame. */
  readonly offset: number;
  /** Tiles along each axis of an image, and of a block. */
  readonly tiles: readonly [number, number];
  readonly block: readonly [number, number];
  readonly passes: readonly Pass[];
  readonly input: Side;
  readonly output: Side;
  /** Bytes from one product's panels to the next one's. */
  readonly kernelStride: number;
  /** Bytes of the transformed kernel, and of the scratch: the frame, that kernel, and what a block needs. */
  readonly kernelBytes: number;
  readonly scratchBytes: number;
  /** Estimated time of an image, and of what comes before the images, in nanoseconds on one thread. */
  readonly time: number;
  readonly overhead: number;
}

/** What the transformed tiles of a block may take, and a pass's kernel: both stay in the second-level cache. */
const blockBytesMax = 2 ** 18;
const kernelBytesMax = 2 ** 20;
/** Fewer filters do not pay for transforming the input. */
const filtersMin = 32;
const tilesMin = 16;
/** Nanoseconds of transforming a vector of a tile, and of transforming a pair of channels of the kernel. */
const vectorTime = 8;
const pairTime = 5;
/** Images that share the kernel's transform. The choice must not depend on the batch: one sample has one result. */
const batchExpected = 8;

/** The plan, or null where the convolution has another shape, or the direct one is as good. */
export function winogradOf(
  of: Geometry,
  wanted: "y" | "x",
  { exactConvolutions, winogradDepth, winogradGain }: Choices,
): WinogradPlan | null {
  const { dtype, axes, groups, batchGroups, bytes } = of;
  if (exactConvolutions || dtype !== "float32" || axes.length !== 2 || groups * batchGroups !== 1)
    return null;
  if (axes.some((axis) => axis.taps !== 3 || axis.stride * axis.inputDilation * axis.kernelDilation !== 1))
    return null;
  const direct = planOf(of, wanted);
  const { depth, filters } = direct;
  const places = sizeOf(direct.axes.map(({ out }) => out));
  if (depth < winogradDepth || places * filters === 0) return null;
  const [down, across] = direct.axes.map(({ out }) => Math.ceil(out / outputs));
  const tiles = [down!, across!] as const;
  const most = Math.max(filtersMin, Math.floor(kernelBytesMax / (products * depth * bytes)));
  const passes = Math.ceil(filters / most);
  const pairs = depth * filters;
  const vectors = passes * Math.ceil(depth / 4) + Math.ceil(filters / 4);
  const time = timeOfSum(sizeOf(tiles) * products * pairs, bytes) + sizeOf(tiles) * vectors * vectorTime;
  const overhead = pairs * pairTime;
  if (winogradGain * (time + overhead / batchExpected) > timeOfSum(9 * places * pairs, bytes)) return null;

  const part = Math.ceil(filters / passes);
  const block = blockOf(tiles, products * (depth + part) * bytes);
  const width = widthOf(part, sizeOf(block), dtype);
  const own = Math.ceil(part / width) * width;
  const [input, output] = [sideOf(depth, block), sideOf(own, block)];
  const whole = direct.axes.map((axis, i) => ({ ...axis, out: tiles[i]! * outputs }));
  const phases = whole.map(phasesOf);
  const frame = new Frame(whole, phases, depth, bytes);
  const kernelStride = apart(depth * own * bytes);
  const blockBytes = products * (input.stride + output.stride);
  return {
    plan: { ...direct, width, layout: { ...direct.layout, width } },
    frame,
    offset: phases.reduce((at, [phase], i) => at + (phase!.base + frame.before[i]!) * frame.steps[i]!, 0),
    tiles,
    block,
    passes: passesOf(filters, own),
    input,
    output,
    kernelStride,
    kernelBytes: products * kernelStride,
    scratchBytes: frame.bytes + products * kernelStride + Math.max(9 * depth * own * bytes, blockBytes),
    time,
    overhead: overhead + frame.bytes / 16,
  };
}

/** Whole rows of tiles where they fit, else parts of a row; of about equal size. */
function blockOf([down, across]: readonly [number, number], bytes: number): readonly [number, number] {
  const most = Math.max(tilesMin, Math.floor(blockBytesMax / bytes));
  const even = (count: number, limit: number): number => Math.ceil(count / Math.ceil(count / limit));
  if (across > most) return [1, even(across, most)];
  return [even(down, Math.floor(most / across)), across];
}

function passesOf(filters: number, own: number): Pass[] {
  const passes: Pass[] = [];
  if (filters >= own) passes.push({ count: Math.floor(filters / own), filters: own });
  if (filters % own > 0) passes.push({ count: 1, filters: filters % own });
  return passes;
}

function sideOf(channels: number, block: readonly [number, number]): Side {
  const vectors = Math.ceil(channels / 4);
  const step = vectors * 16;
  return { vectors, step, stride: apart(sizeOf(block) * step) };
}

/** An odd number of cache lines, so that the 16 parts of a tile do not compete for the same ones. */
function apart(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}
