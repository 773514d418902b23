import { type Backend, fromKernels } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { kernels } from "./kernels.ts";
import { type WasmPaths, start } from "./load.ts";
import { Session } from "./session.ts";
import { restore, store } from "./storage.ts";
import { supports } from "./supports.ts";
import { asVariant, defaultVariant, variants } from "./variants.ts";

export interface TfjsOptions {
  /** `wasm` (the default), `cpu`, `webgl`, `webgpu` or `node`. */
  readonly variant?: string;
  /** Where a bundled page serves the binaries of `@tensorflow/tfjs-backend-wasm`; not needed in Node. */
  readonly wasmPaths?: WasmPaths;
}

/**
 * A backend over one engine of TensorFlow.js, which is loaded and started here. Engines of several variants work
 * side by side. Throws TfjsError when the variant does not exist, is not installed, or does not start.
 */
export async function create(options: TfjsOptions = {}): Promise<Backend> {
  const name = asVariant(options.variant ?? defaultVariant);
  const traits = variants[name];
  const session = new Session(await start(name, options.wasmPaths), traits);
  return fromKernels<TensorInfo>({
    name: `tfjs:${name}`,
    kernels: kernels(traits, () => session),
    supports: supports(traits),
    upload(data, spec) {
      const { values, shape, dtype } = store(data, spec);
      return session.write(values, shape, dtype);
    },
    download: (handle, spec) =>
      traits.synchronous
        ? restore(session.read(handle), spec)
        : session.readLater(handle).then((values) => restore(values, spec)),
    free: (handle) => session.free(handle),
    dispose: () => session.dispose(),
  });
}
