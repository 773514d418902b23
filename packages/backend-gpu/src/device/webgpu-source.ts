import { functionsOf, withBits } from "../emit/power2.ts";
import { GpuError } from "../variants.ts";
import { type InternalKernel, type KernelClass, commonSettings } from "./gpu-js.ts";

/** What gpu.js makes of `store`, of which it knows the types, and what stands there instead. */
const stub = {
  name: "store",
  source: "function store(at, value) { return value; }",
  argumentTypes: ["Integer", "Number"],
  returnType: "Number",
};
const stubbed = /fn fn_store\(user_at : i32, user_value : f32\) -> f32 \{\s*return user_value;\s*\}/;
const store = "fn fn_store(at : i32, value : f32) -> f32 { result[at] = value; return value; }";

/** What the return of such a kernel becomes. */
const returned = "result[data_index] = 0.0;return;";

/** How gpu.js finds an element of an argument: by three coordinates, and sizes that the kernel reads. */
const accessor = /(fn get_(user_\w+)\(z : i32, y : i32, x : i32\) -> f32 \{\s*)return .*;/g;

/**
 * A kernel of gpu.js that has written its WGSL, and the WGSL. Arguments have one dimension; where `stored`, threads
 * store elements by `store(index, value)`, for which gpu.js has no word, and return 0, which is not stored.
 */
export function writeKernel(
  Kernel: KernelClass,
  source: string,
  output: readonly number[],
  argumentCount: number,
  stored: boolean,
): { readonly kernel: InternalKernel; readonly code: string } {
  const dummies = Array.from({ length: argumentCount }, () => new Float32Array(1));
  const kernel = new Kernel(source, {
    ...commonSettings,
    output: [...output],
    argumentTypes: dummies.map(() => "Array"),
    functions: [...functionsOf(source), ...(stored ? [stub] : [])],
  });
  // The device is this package's own, so that its limits can be raised and its loss be seen.
  // oxlint-disable-next-line no-underscore-dangle -- gpu.js calls it so
  kernel._buildAsync = () => Promise.resolve();
  kernel.build(...dummies);
  let code = withBits(kernel.compiledSource, source, "wgsl") ?? "";
  const isKnown =
    kernel.paramsLayout.byteLength === 16 * (argumentCount + 1) &&
    (code.match(accessor)?.length ?? 0) === argumentCount &&
    (!stored || (stubbed.test(code) && code.split(returned).length === 2));
  if (!isKnown)
    throw new GpuError(
      `This gpu.js writes kernels in another way; use gpu.js 2.24.1.\n${kernel.compiledSource}`,
    );
  code = code.replaceAll(accessor, "$1return $2[x];");
  if (stored) code = code.replace(stubbed, store).replace(returned, "return;");
  return { kernel, code };
}
