import type { Device } from "./device/device.ts";
import { WebAsmDevice } from "./device/webasm.ts";
import { Gpu } from "./gpu.ts";
import { GpuError, type Mode } from "./variants.ts";

type Library = typeof import("gpu.js");

/**
 * A new device of a mode; what it needs is loaded here and not before. Throws GpuError when gpu.js does not load, or
 * with the reason why this mode does not start.
 */
export async function openDevice(mode: Mode): Promise<Device> {
  const library = await load(mode);
  if (mode === "webasm") {
    if (!library.GPU.isWebAssemblySupported)
      throw new GpuError("Backend 'gpu:webasm' needs WebAssembly, which is not available here.");
    return new WebAsmDevice(sharedGpu(library));
  }
  const { kernelClass } = await import("./device/gpu-js.ts");
  if (mode === "webgl2") {
    if (typeof WebGL2RenderingContext === "undefined")
      throw new GpuError("Backend 'gpu:webgl2' needs WebGL2, which is not available here.");
    const { openWebGl2 } = await import("./device/webgl2.ts");
    return openWebGl2(kernelClass(library, "WebGL2Kernel"));
  }
  const { findAdapter } = await import("./device/adapter.ts");
  const { openWebGpu } = await import("./device/webgpu.ts");
  return openWebGpu(await findAdapter(), kernelClass(library, "WebGPUKernel"));
}

async function load(mode: Mode): Promise<Library> {
  try {
    return await import("gpu.js");
  } catch (cause) {
    throw new GpuError(
      `Backend 'gpu:${mode}' needs gpu.js, which could not be loaded: ` +
        `${cause instanceof Error ? cause.message : String(cause)}\n` +
        "It comes with @polykeras/backend-gpu: install that again; in a page, publish all files of the bundle.",
      { cause },
    );
  }
}

let gpu: Gpu | undefined;

/** gpu.js in its WebAssembly mode, once per process: engines share the pipelines it compiled. */
export function sharedGpu(library: Library): Gpu {
  gpu ??= new Gpu(new library.GPU({ mode: "webasm" }), "webasm");
  return gpu;
}

/** For tests. */
export async function sharedKernels(): Promise<Gpu> {
  return sharedGpu(await load("webasm"));
}
