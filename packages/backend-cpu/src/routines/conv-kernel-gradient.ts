import { sizeOf } from "@polykeras/core";
import type { Target } from "../emit/expression.ts";
import { arithmeticOf } from "../emit/tile.ts";
import type { Local } from "../wasm/code.ts";
import { exactConvolution, hasNonFinite } from "./conv-exact.ts";
import { Frame } from "./conv-frame.ts";
import {
  type Geometry,
  allFilters,
  geometryKey,
  geometryOf,
  isChannelwise,
  stepsOf,
} from "./conv-geometry.ts";
import { phasesOf } from "./conv-phases.ts";
import type { ConvTile, TileLevel } from "./conv-tile.ts";
import { inParts, partsOf } from "./conv-parts.ts";
import { callTiles, levelsOf, widthOf } from "./conv-tiles.ts";
import { clear, copyOf, move, offsetTo, repeat, roundHalves } from "./loops.ts";
import { type Code, type Routine, zeros } from "./routine.ts";
import { emitWinogradKernel } from "./winograd-kernel-gradient.ts";
import { type Tiling, winogradKernelOf } from "./winograd-plan.ts";

/**
 * The cotangent of conv's kernel: for every tap a product of the input's channels, over all places, with those of
 * the output's cotangent, added up over the images. The input is not dilated, and has one batch group. Large batches
 * are cut into parts of equal size, each with a sum of its own, which are added up in order: threads or not.
 */
export const convKernelGradient: Routine = (request) => {
  const [x, g] = request.inputs;
  const [output] = request.outputs;
  if (request.inputs.some(({ shape }) => sizeOf(shape) === 0)) return zeros(output!, 2);
  const of = geometryOf(x!.shape, output!.shape, g!.shape, request);
  const frame = new Frame(of.axes, of.axes.map(phasesOf), of.channels, of.bytes);
  const count = partsOf(of, request.choices);
  const part = { ...of, batch: of.batch / count };
  const winograd = winogradKernelOf(part, request.choices);
  const sum = winograd ? winogradSum(part, winograd) : directSum(part, frame);
  return count === 1 ? sum : inParts(sum, request, part, count);
};

function winogradSum(of: Geometry, tiling: Tiling): Code {
  return {
    key: `conv:winograd:kernel:${geometryKey(of)}`,
    numbers: [of.batch],
    scratchBytes: tiling.scratchBytes,
    emit: (target) => emitWinogradKernel(target, of, tiling),
  };
}

function directSum(of: Geometry, frame: Frame): Code {
  const chunk = imagesAtOnce(of);
  return {
    key: `conv:kernel:${geometryKey(of)}:${chunk},${of.batch % chunk}`,
    numbers: [of.batch, Math.floor(of.batch / chunk)],
    scratchBytes: Math.max(16, chunk * frame.bytes),
    emit: (target) => emitSum(target, of, frame, chunk),
  };
}

function emitSum(target: Target, of: Geometry, frame: Frame, chunk: number): void {
  const { code, module } = target;
  const [pointerX, pointerG, pointerOut, batch] = [0, 1, 2, 3];
  const fast = (): void => emitFast(target, of, frame, chunk);
  const exact = (): void => {
    code.get(pointerX).get(pointerOut).get(pointerG).get(batch);
    code.call(exactConvolution(target, of, "kernel"));
  };
  if (of.dtype === "uint8" || target.choices.exactConvolutions) return exact();
  if (frame.bytes === 0 || !of.dtype.startsWith("float")) return fast();
  // A zero of the frame would make NaN of a cotangent that is not finite.
  const image = sizeOf(of.axes.map(({ out }) => out)) * allFilters(of);
  code.get(pointerG).get(batch).i32(image).op("i32.mul").call(hasNonFinite(module, of.bytes));
  code.if(exact, fast);
}

/** Places of the output, of one image or several, that a sum runs over before it is added to the kernel's. */
const placesAtOnce = 1024;

/** The images whose sums stay in registers together: each time the whole kernel is read and written. */
function imagesAtOnce({ axes, batch }: Geometry): number {
  const places = sizeOf(axes.map(({ out }) => out));
  return Math.max(1, Math.min(batch, Math.floor(placesAtOnce / Math.max(1, places))));
}

function emitFast(target: Target, of: Geometry, frame: Frame, chunk: number): void {
  const { code } = target;
  const { axes, channels, bytes, dtype, batch } = of;
  const [pointerX, pointerG, pointerOut, chunks, scratch] = [0, 1, 2, 4, 5];
  const all = allFilters(of);
  const elements = sizeOf(axes.map(({ taps }) => taps)) * of.depth * all;
  const image = sizeOf(axes.map(({ size }) => size)) * channels * bytes;
  clear(code, pointerOut, elements * bytes);
  const frames = copyOf(code, scratch);
  const each = (images: number, body: () => void): void => {
    repeat(code, images, () => {
      body();
      move(code, frames, frame.bytes);
    });
    code.get(scratch).set(frames);
  };
  if (frame.bytes > 0) each(chunk, () => frame.clear(code, frames));
  const base = frame.before.reduce((at, count, i) => at + (count - axes[i]!.low) * frame.steps[i]!, 0);
  const run = (images: number): void => {
    const from = code.local("i32");
    offsetTo(code, from, frame.bytes > 0 ? scratch : pointerX, base);
    if (frame.bytes === 0) move(code, pointerX, images * image);
    else
      each(images, () => {
        frame.fill(code, frames, pointerX);
        move(code, pointerX, image);
      });
    const level = { count: images, step: frame.bytes > 0 ? frame.bytes : image };
    const tensors = { from, g: pointerG, to: pointerOut };
    if (isChannelwise(of)) byTaps(target, of, frame, level, tensors);
    else byChannels(target, of, frame, level, tensors);
    code.release(from);
    move(code, pointerG, images * sizeOf(axes.map(({ out }) => out)) * all * bytes);
  };
  repeat(code, { local: chunks }, () => run(chunk));
  if (batch % chunk > 0) run(batch % chunk);
  if (dtype !== "float16") return;
  const count = code.local("i32");
  code.i32(elements).set(count);
  roundHalves(target, pointerOut, count);
}

/** Where the images, their cotangents and the kernel's cotangent start. */
interface Tensors {
  readonly from: Local;
  readonly g: Local;
  readonly to: Local;
}

/** The same at one tap: A, B and C of its tiles. */
interface Pointers {
  readonly a: Local;
  readonly b: Local;
  readonly c: Local;
}

/** The loops over the taps of the first `count` axes, along which the kernel's pointer and the input's move. */
function eachTap(
  { code }: Target,
  of: Geometry,
  frame: Frame,
  count: number,
  { from, g, to }: Tensors,
  body: (pointers: Pointers) => void,
): void {
  const { axes, bytes, depth } = of;
  const steps = stepsOf(
    axes.map(({ taps }) => taps),
    depth * allFilters(of),
    bytes,
  );
  const along = (axis: number, input: Local, output: Local): void => {
    const [a, c] = [copyOf(code, input), copyOf(code, output)];
    if (axis === count) {
      const b = copyOf(code, g);
      body({ a, b, c });
      code.release(b);
    } else
      repeat(code, axes[axis]!.taps, () => {
        along(axis + 1, a, c);
        move(code, a, axes[axis]!.kernelDilation * frame.steps[axis]!);
        move(code, c, steps[axis]!);
      });
    code.release(a);
    code.release(c);
  };
  along(0, from, to);
}

/** The loops of a sum over the places of so many images. */
function walkOf(
  { axes, bytes }: Geometry,
  frame: Frame,
  images: TileLevel,
): Pick<ConvTile, "levels" | "depth" | "depthStrideA"> {
  const places = axes.map(({ out, stride }, i) => ({ count: out, step: stride * frame.steps[i]! }));
  return levelsOf([images, ...places], 1, bytes);
}

/** What the rows of the tiles at one tap are, and how many columns lie beside one another. */
interface Block extends Pick<ConvTile, "rowStrideA" | "channelwise"> {
  readonly rows: number;
  readonly columns: number;
}

/** The tiles of a block, from the left to the right; the pointers to what the columns are move along. */
function emitBlock(
  target: Target,
  of: Geometry,
  walk: Pick<ConvTile, "levels" | "depth" | "depthStrideA">,
  { a, b, c }: Pointers,
  { rows, columns, rowStrideA, channelwise }: Block,
): void {
  const { code, fma } = target;
  const { bytes, dtype } = of;
  const stride = allFilters(of) * bytes;
  const width = widthOf(columns, rows, dtype);
  const arithmetic = arithmeticOf(dtype, fma);
  const strides = { depthStrideB: stride, rowStrideA, rowStrideC: stride };
  const tiles = (count: number): void => {
    const tile = { dtype, arithmetic, columns: count, ...walk, ...strides, adds: true, channelwise };
    callTiles(target, rows, width, { a, b, c }, tile);
    for (const pointer of channelwise ? [a, b, c] : [b, c]) move(code, pointer, count * bytes);
  };
  repeat(code, Math.floor(columns / width), () => tiles(width));
  if (columns % width > 0) tiles(columns % width);
}

/** Rows of a tile are channels of the input, columns those of the output; the sum runs over the places. */
function byChannels(target: Target, of: Geometry, frame: Frame, images: TileLevel, tensors: Tensors): void {
  const { axes, bytes, depth, filters, groups } = of;
  const walk = walkOf(of, frame, images);
  const block = { rows: depth, columns: filters, rowStrideA: bytes, channelwise: false };
  eachTap(target, of, frame, axes.length, tensors, (pointers) =>
    repeat(target.code, groups, () => {
      emitBlock(target, of, walk, pointers, block);
      move(target.code, pointers.a, depth * bytes);
    }),
  );
}

/** Rows of a tile are the taps of the last axis, and lanes run along the channels. */
function byTaps(target: Target, of: Geometry, frame: Frame, images: TileLevel, tensors: Tensors): void {
  const last = of.axes.length - 1;
  const { taps, kernelDilation } = of.axes[last]!;
  const walk = walkOf(of, frame, images);
  const block = {
    rows: taps,
    columns: allFilters(of),
    rowStrideA: kernelDilation * frame.steps[last]!,
    channelwise: true,
  };
  eachTap(target, of, frame, last, tensors, (pointers) => emitBlock(target, of, walk, pointers, block));
}
