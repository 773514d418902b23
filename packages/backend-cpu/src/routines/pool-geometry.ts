import { type DType, type TensorSpec, sizeOf, windowAxes } from "@polykeras/core";
import { storedBytes } from "../emit/lanes.ts";
import { type Request, type Units, bytesOfFirst, elementTime } from "./routine.ts";
import type { WindowAxis } from "./windows.ts";

/** Windows over images, and what the code for them depends on; the batch is a parameter. */
export interface Pooling {
  readonly key: string;
  readonly dtype: DType;
  readonly axes: readonly WindowAxis[];
  readonly channels: number;
  /** Bytes of one image of the input. */
  readonly image: number;
  readonly batch: number;
}

/** Images, which are pooled apart: every input and output is a batch of them, or of their pooled ones. */
export function imagesOf({ inputs, outputs }: Request, { axes, channels }: Pooling): Units {
  const windows = sizeOf(axes.map(({ out }) => out)) * channels;
  const elements = sizeOf(axes.map(({ window }) => window));
  return {
    steps: [...inputs, ...outputs].map(bytesOfFirst),
    time: windows * elements * elementTime * inputs.length,
  };
}

/** The windows that make y of x. */
export function poolingOf(name: string, { attributes }: Request, x: TensorSpec, y: TensorSpec): Pooling {
  const { shape, dtype } = x;
  const channels = shape.at(-1)!;
  const axes = windowAxes(attributes, shape, y.shape).map(
    ({ length, out, window, stride, low }, i): WindowAxis => {
      const bytes = sizeOf(shape.slice(i + 2)) * storedBytes(dtype);
      return { size: length, out, window, stride, low, bytes };
    },
  );
  const parts = axes.map(({ size, out, window, stride, low }) => `${size},${out},${window},${stride},${low}`);
  return {
    key: `${name}:${dtype}:${parts.join("x")}:${channels}`,
    dtype,
    axes,
    channels,
    image: sizeOf(shape.slice(1)) * storedBytes(dtype),
    batch: shape[0]!,
  };
}
