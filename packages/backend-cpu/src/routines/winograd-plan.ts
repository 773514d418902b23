import { sizeOf } from "@polykeras/core";
import type { Bounds } from "../choices.ts";
import { timeOfSum } from "../plan/time.ts";
import { Frame } from "./conv-frame.ts";
import { type Geometry, stepsOf } from "./conv-geometry.ts";
import { type ConvAxis, phasesOf } from "./conv-phases.ts";
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

/** How images are cut into tiles, and channels of the output into passes. */
export interface Tiling {
  readonly plan: Plan;
  /** With room for whole tiles. */
  readonly frame: Frame;
  /** Where the first tile begins in the frame. */
  readonly offset: number;
  /** Bytes from one output to the next along each axis. */
  readonly outSteps: readonly number[];
  /** Tiles along each axis of an image, and of a block. */
  readonly tiles: readonly [number, number];
  readonly block: readonly [number, number];
  readonly passes: readonly Pass[];
  readonly input: Side;
  readonly output: Side;
  /** Bytes from one product's matrix of the kernel to the next one's, and of all of them. */
  readonly kernelStride: number;
  readonly kernelBytes: number;
  /** Bytes of the scratch: the frame, the kernel, and what a block needs. */
  readonly scratchBytes: number;
}

/** A convolution, or its input's gradient, by F(2x2, 3x3). Panels are those of the transformed kernel. */
export interface WinogradPlan extends Tiling {
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
/** Images that share a kernel's transform, going forward. The choice must not depend on the batch: one sample has one result. */
const batchExpected = 8;

/** The plan, or null where the convolution has another shape, or the direct one is as good. */
export function winogradOf(of: Geometry, wanted: "y" | "x", choices: Bounds): WinogradPlan | null {
  if (!fits(of, choices)) return null;
  const direct = planOf(of, wanted);
  const { time, overhead, directTime } = timesOf(direct);
  if (direct.depth < choices.winogradDepth || directTime === 0) return null;
  if (choices.winogradGain * (time + overhead / batchExpected) > directTime) return null;
  const tiling = tilingOf(direct, (part, tiles) => widthOf(part, tiles, direct.dtype));
  return { ...tiling, time, overhead: overhead + tiling.frame.bytes / 16 };
}

/** The same for the kernel's gradient of so many images. */
export function winogradKernelOf(of: Geometry, choices: Bounds): Tiling | null {
  if (!fits(of, choices)) return null;
  const direct = planOf(of, "y");
  const { time, overhead, directTime } = timesOf(direct);
  if (directTime === 0 || choices.winogradGain * (time + overhead / of.batch) > directTime) return null;
  return tilingOf(direct, (part) => widthOf(part, direct.depth, direct.dtype));
}

function fits({ dtype, axes, groups, batchGroups }: Geometry, { exactConvolutions }: Bounds): boolean {
  const isPlain = dtype === "float32" && axes.length === 2 && groups * batchGroups === 1;
  const plainAxis = ({ taps, stride, inputDilation, kernelDilation }: ConvAxis): boolean =>
    taps === 3 && stride * inputDilation * kernelDilation === 1;
  return isPlain && !exactConvolutions && axes.every(plainAxis);
}

function tilesOf({ axes }: Plan): readonly [number, number] {
  const [down, across] = axes.map(({ out }) => Math.ceil(out / outputs));
  return [down!, across!];
}

/** Passes over the filters, so that the kernel of one stays in the cache. */
function passCount({ depth, filters, bytes }: Plan): number {
  return Math.ceil(filters / Math.max(filtersMin, Math.floor(kernelBytesMax / (products * depth * bytes))));
}

/** Of an image, of the kernel's transform, and of an image by the direct algorithm, in nanoseconds. */
function timesOf(plan: Plan): {
  readonly time: number;
  readonly overhead: number;
  readonly directTime: number;
} {
  const { axes, depth, filters, bytes } = plan;
  const [tiles, pairs] = [sizeOf(tilesOf(plan)), depth * filters];
  const vectors = passCount(plan) * Math.ceil(depth / 4) + Math.ceil(filters / 4);
  return {
    time: timeOfSum(tiles * products * pairs, bytes) + tiles * vectors * vectorTime,
    overhead: pairs * pairTime,
    directTime: timeOfSum(9 * sizeOf(axes.map(({ out }) => out)) * pairs, bytes),
  };
}

/** Cuts a convolution whose panels have the width that is given for the filters of a pass and the tiles of a block. */
function tilingOf(direct: Plan, widthFor: (filters: number, tiles: number) => number): Tiling {
  const { depth, filters, bytes } = direct;
  const tiles = tilesOf(direct);
  const part = Math.ceil(filters / passCount(direct));
  const block = blockOf(tiles, products * (depth + part) * bytes);
  const width = widthFor(part, sizeOf(block));
  const own = Math.ceil(part / width) * width;
  const [input, output] = [sideOf(depth, block), sideOf(own, block)];
  const whole = direct.axes.map((axis, i) => ({ ...axis, out: tiles[i]! * outputs }));
  const phases = whole.map(phasesOf);
  const frame = new Frame(whole, phases, depth, bytes);
  const kernelStride = apart(depth * own * bytes);
  const kernelBytes = products * kernelStride;
  const blockBytes = products * (input.stride + output.stride);
  // The packed kernel stands where blocks do later.
  const packedBytes = 9 * depth * own * bytes;
  return {
    plan: { ...direct, width, layout: { ...direct.layout, width } },
    frame,
    offset: phases.reduce((at, [phase], i) => at + (phase!.base + frame.before[i]!) * frame.steps[i]!, 0),
    outSteps: stepsOf(
      direct.axes.map(({ out }) => out),
      filters,
      bytes,
    ),
    tiles,
    block,
    passes: passesOf(filters, own),
    input,
    output,
    kernelStride,
    kernelBytes,
    scratchBytes: frame.bytes + kernelBytes + Math.max(packedBytes, blockBytes),
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
