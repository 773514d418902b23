import { type Composites, type Kernel, type TypedArray, normal, sizeOf, uniform } from "@polykeras/core";

/** Core defines the bits of both streams; a faster engine may make them itself if they are the same bits. */
export const randomUniform: Kernel<TypedArray> = ([state], _attributes, output) =>
  uniform(state!.handle, sizeOf(output.shape), output.dtype);

export const randomNormal: Kernel<TypedArray, Composites["randomNormal"]> = (
  [state],
  { truncated },
  output,
) => normal(state!.handle, sizeOf(output.shape), output.dtype, truncated);
