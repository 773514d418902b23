import { type Backend, type TypedArray, fromKernels } from "@polykeras/core";
import { kernels } from "./kernels.ts";

/** A new reference engine. Its handles are plain typed arrays, which the garbage collector frees. */
export function create(): Backend {
  return fromKernels<TypedArray>({
    name: "reference",
    kernels,
    upload: (data) => data.slice(),
    download: (handle) => handle.slice(),
    free: () => {},
  });
}
