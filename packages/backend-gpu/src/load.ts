import { Gpu } from "./gpu.ts";
import { GpuError, type Mode } from "./variants.ts";

const started = new Map<Mode, Promise<Gpu>>();

/** gpu.js in a mode, loaded once per process. Throws GpuError when it is missing or does not start. */
export function start(mode: Mode): Promise<Gpu> {
  let starting = started.get(mode);
  if (!starting) {
    starting = startNow(mode);
    started.set(mode, starting);
    starting.catch(() => started.delete(mode));
  }
  return starting;
}

async function startNow(mode: Mode): Promise<Gpu> {
  let library: typeof import("gpu.js");
  try {
    library = await import("gpu.js");
  } catch (cause) {
    throw new GpuError(
      `Backend 'gpu:${mode}' needs the package gpu.js, which could not be loaded: ` +
        `${cause instanceof Error ? cause.message : String(cause)}\nInstall it: npm install gpu.js@2.24.1`,
      { cause },
    );
  }
  if (mode === "webasm" && !library.GPU.isWebAssemblySupported)
    throw new GpuError("Backend 'gpu:webasm' needs WebAssembly, which is not available here.");
  return new Gpu(new library.GPU({ mode }), mode);
}
