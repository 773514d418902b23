import { type DType, sizeOf, windowAxes } from "@polykeras/core";
import { storedBytes } from "../emit/lanes.ts";
import { number } from "../kernels/rule.ts";
import type { ConvAxis } from "./conv-phases.ts";
import type { Request } from "./routine.ts";

/**
 * A convolution of x [n, ...size, channels] with a kernel [...taps, depth, filters of all groups], to y
 * [n / batchGroups, ...out, filters of all groups], whichever of the three is computed.
 */
export interface Geometry {
  readonly dtype: DType;
  readonly bytes: number;
  readonly axes: readonly ConvAxis[];
  readonly groups: number;
  readonly batchGroups: number;
  readonly channels: number;
  /** Input and output channels of one group. */
  readonly depth: number;
  readonly filters: number;
  /** Images of y. */
  readonly batch: number;
}

export function geometryOf(
  x: readonly number[],
  kernel: readonly number[],
  y: readonly number[],
  { inputs, attributes }: Request,
): Geometry {
  const { dtype } = inputs[0]!;
  const [groups, batchGroups] = [number(attributes, "groups"), number(attributes, "batchGroups")];
  return {
    dtype,
    bytes: storedBytes(dtype),
    axes: windowAxes(attributes, x, y, kernel).map(({ length, window, ...axis }) => ({
      size: length,
      taps: window,
      ...axis,
    })),
    groups,
    batchGroups,
    channels: x.at(-1)!,
    depth: kernel.at(-2)!,
    filters: kernel.at(-1)! / (groups * batchGroups),
    batch: y[0]!,
  };
}

/** What the code of a convolution depends on; the batch is a parameter. */
export function geometryKey({
  dtype,
  axes,
  groups,
  batchGroups,
  channels,
  depth,
  filters,
}: Geometry): string {
  const parts = axes.map((axis) => Object.values(axis).join());
  return `${dtype}:${parts.join("x")}:${[groups, batchGroups, channels, depth, filters].join()}`;
}

/** Output channels of all groups. */
export function allFilters({ filters, groups, batchGroups }: Geometry): number {
  return filters * groups * batchGroups;
}

/** Bytes from one element to the next along each axis of a tensor whose last axis has `channels` elements. */
export function stepsOf(sizes: readonly number[], channels: number, bytes: number): readonly number[] {
  return sizes.map((_, i) => sizeOf(sizes.slice(i + 1)) * channels * bytes);
}

/** True if every channel has a filter of its own, so that lanes can run along the channels. */
export function isChannelwise({ groups, batchGroups, depth, filters }: Geometry): boolean {
  return groups > 1 && batchGroups === 1 && depth === 1 && filters === 1;
}
