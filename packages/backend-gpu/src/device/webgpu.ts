import type { Memory } from "@polykeras/core";
import type { Plan } from "../plan/plan.ts";
import type { Device, DeviceProgram, DeviceTensor, Limits, Running } from "./device.ts";
import type { KernelClass } from "./gpu-js.ts";
import { KernelCache } from "./kernel-cache.ts";
import type { GpuAdapter, GpuDevice } from "./webgpu-api.ts";
import { type WebGpuKernel, compileKernel } from "./webgpu-kernel.ts";
import { WebGpuMemory } from "./webgpu-memory.ts";
import { WebGpuProgram } from "./webgpu-program.ts";

/** Kernels that no program uses and that are kept all the same. */
const idleKernels = 512;

/** WebGPU with kernels from gpu.js: one submission per program, over this package's own buffers. */
export class WebGpuDevice implements Device {
  readonly running: Running;
  readonly canBeLost = true;
  readonly limits: Limits;
  readonly #memory: WebGpuMemory;
  readonly #kernelClass: KernelClass;
  readonly #kernels: KernelCache<WebGpuKernel>;

  constructor(api: GpuDevice, adapter: string, Kernel: KernelClass) {
    this.#memory = new WebGpuMemory(api);
    this.running = { mode: "webgpu", executor: "one submission per program", adapter };
    const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = api.limits;
    this.limits = {
      arguments: maxStorageBuffersPerShaderStage - 1,
      elements: Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4,
      rows: api.limits.maxComputeWorkgroupsPerDimension * 8,
    };
    this.#kernelClass = Kernel;
    this.#kernels = new KernelCache(idleKernels, ({ parameters }) => parameters.destroy());
  }

  get isLost(): boolean {
    return this.#memory.isLost;
  }

  get lost(): Promise<string> {
    return this.#memory.lost;
  }

  get kernels(): number {
    return this.#kernels.size;
  }

  memory(): Memory {
    return this.#memory.pool.memory;
  }

  upload(data: Float32Array): DeviceTensor {
    return this.#memory.upload(data);
  }

  async compile(plan: Plan): Promise<DeviceProgram> {
    const { api } = this.#memory;
    const keys = plan.kernels.map(({ source, output, stored }) => `${output.join()}|${stored}|${source}`);
    const compiled = await Promise.allSettled(
      plan.kernels.map(async (kernel, i) =>
        this.#kernels.take(keys[i]!, () => compileKernel(api, this.#kernelClass, kernel)),
      ),
    );
    const kernels: WebGpuKernel[] = [];
    for (const result of compiled) {
      if (result.status === "fulfilled") kernels.push(result.value);
      else {
        this.#kernels.release(keys.filter((_, i) => compiled[i]!.status === "fulfilled"));
        throw result.reason;
      }
    }
    return new WebGpuProgram(this.#memory, plan, kernels, () => this.#kernels.release(keys));
  }

  destroy(): void {
    this.#memory.api.destroy();
  }
}

/** A device with all that the adapter offers of what kernels need. */
export async function openWebGpu(adapter: GpuAdapter, Kernel: KernelClass): Promise<WebGpuDevice> {
  const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const api = await adapter.requestDevice({
    requiredLimits: { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize },
  });
  const { vendor = "", architecture = "", description = "" } = adapter.info ?? {};
  const name = [vendor, architecture, description].filter((word) => word !== "").join(" ");
  return new WebGpuDevice(api, name || "unnamed adapter", Kernel);
}
