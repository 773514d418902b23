import type { Backend } from "../backend/contract.ts";
import { fromKernelSource } from "../backend/from-kernels.ts";
import type { Kernel } from "../backend/kernels.ts";
import { findOp } from "../graph/define.ts";
import type { TypedArray } from "../tensor/dtype.ts";

/** The kernel of an op whose values core defines itself. */
function evaluator(name: string): Kernel<TypedArray> | undefined {
  const op = findOp(name);
  if (!op?.evaluate) return undefined;
  return (inputs, attributes, output) => {
    const data = inputs.map(({ spec, handle }) => ({ spec, data: handle }));
    return op.evaluate!(data, attributes, [output])[0]!;
  };
}

/** Runs what core defines bit by bit (random numbers) for engines that have no kernel of their own. */
export const coreHost: Backend = fromKernelSource<TypedArray>({
  name: "core",
  kernel: evaluator,
  upload: (data) => data.slice(),
  download: (handle) => handle.slice(),
  free: () => {},
});
