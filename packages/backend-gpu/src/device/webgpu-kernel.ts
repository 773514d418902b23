import type { PlannedKernel } from "../plan/plan.ts";
import { GpuError } from "../variants.ts";
import type { KernelClass } from "./gpu-js.ts";
import { type GpuApiBuffer, type GpuDevice, computeStage, usage } from "./webgpu-api.ts";
import { writeKernel } from "./webgpu-source.ts";

/** A kernel as WebGPU runs it. Its parameters never change: shapes are literals in the source. */
export interface WebGpuKernel {
  readonly pipeline: object;
  readonly layout: object;
  readonly parameters: GpuApiBuffer;
  readonly groups: readonly [number, number, number];
  /** Floats of the result. */
  readonly length: number;
}

/** Lets gpu.js write the WGSL of a kernel, and compiles it. Throws GpuError with WebGPU's reasons. */
export async function compileKernel(
  device: GpuDevice,
  Kernel: KernelClass,
  { source, output, inputs, stored }: PlannedKernel,
): Promise<WebGpuKernel> {
  const argumentCount = inputs.length;
  const { kernel, code } = writeKernel(Kernel, source, output, argumentCount, stored !== undefined);

  const module = device.createShaderModule({ code });
  const layout = device.createBindGroupLayout({
    entries: Array.from({ length: argumentCount + 2 }, (_, binding) => ({
      binding,
      visibility: computeStage,
      buffer: {
        type: binding === 0 ? "uniform" : binding <= argumentCount ? "read-only-storage" : "storage",
      },
    })),
  });
  let pipeline: object;
  try {
    pipeline = await device.createComputePipelineAsync({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const reasons = [...messages].map(({ lineNum, message }) => `  line ${lineNum}: ${message}`);
    throw new GpuError(`WebGPU refused a kernel:\n${reasons.join("\n")}\n${code}`, { cause });
  }
  const { groups, width } = dispatch(
    output,
    kernel.workgroupSize,
    device.limits.maxComputeWorkgroupsPerDimension,
  );
  const threads = [output[0] ?? 1, output[1] ?? 1, output[2] ?? 1] as const;
  const parameters = device.createBuffer({
    size: kernel.paramsLayout.byteLength,
    usage: usage.uniform | usage.copyTarget,
  });
  // Of every argument: one row, whose length a flat index does not need.
  const values = [...threads, width, ...inputs.flatMap(() => [1, 1, 1, 1])];
  device.queue.writeBuffer(parameters, 0, Uint32Array.from(values));
  const length = stored ?? threads[0] * threads[1] * threads[2] * kernel.componentCount;
  return { pipeline, layout, parameters, groups, length };
}

/** Workgroups for the threads; a kernel of one dimension goes on in the second where the first is full. */
function dispatch(
  output: readonly number[],
  workgroup: readonly number[],
  most: number,
): { groups: [number, number, number]; width: number } {
  const count = (axis: number): number => Math.ceil((output[axis] ?? 1) / (workgroup[axis] ?? 1));
  let [x, y] = [count(0), count(1)];
  const z = count(2);
  if (output.length === 1 && x > most) {
    y = Math.ceil(x / most);
    x = Math.ceil(x / y);
  }
  if (Math.max(x, y, z) > most)
    throw new GpuError(`A kernel for ${output.join(" x ")} threads needs more than ${most} workgroups.`);
  return { groups: [x, y, z], width: output.length === 1 ? x * (workgroup[0] ?? 1) : 0 };
}
