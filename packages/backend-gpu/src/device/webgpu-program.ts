import { ProgramError } from "@polykeras/core";
import type { Plan } from "../plan/plan.ts";
import type { DeviceProgram, DeviceTensor } from "./device.ts";
import { lastUses } from "./last-uses.ts";
import { PlanTensors } from "./plan-tensors.ts";
import type { WebGpuKernel } from "./webgpu-kernel.ts";
import { type WebGpuMemory, WebGpuTensor } from "./webgpu-memory.ts";

/** Bind groups that one kernel of a program keeps: a training step swaps the buffers of its variables in turn. */
const keptGroups = 8;

interface Step {
  readonly kernel: WebGpuKernel;
  /** Kernels whose results nothing reads after this step. */
  readonly frees: readonly number[];
  readonly groups: Map<string, object>;
}

/** The kernels of a plan in one compute pass. */
export class WebGpuProgram implements DeviceProgram {
  readonly #memory: WebGpuMemory;
  readonly #steps: readonly Step[];
  readonly #tensors: PlanTensors<WebGpuTensor>;
  readonly #release: () => void;

  constructor(memory: WebGpuMemory, plan: Plan, kernels: readonly WebGpuKernel[], release: () => void) {
    this.#memory = memory;
    const frees = lastUses(plan);
    this.#steps = kernels.map((kernel, i) => ({ kernel, frees: frees[i]!, groups: new Map() }));
    this.#tensors = new PlanTensors(plan, (data) => memory.upload(data));
    this.#release = release;
  }

  run(given: readonly DeviceTensor[]): readonly WebGpuTensor[] {
    const memory = this.#memory;
    const inputs = given.map((tensor) => own(memory, tensor));
    const made: WebGpuTensor[] = [];
    const encoder = memory.api.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const [i, { kernel, frees, groups }] of this.#steps.entries()) {
      const result = memory.tensor(kernel.length);
      const read = this.#tensors.read(i, inputs, made);
      made.push(result);
      pass.setPipeline(kernel.pipeline);
      pass.setBindGroup(0, this.#group(kernel, groups, [...read, result]));
      pass.dispatchWorkgroups(...kernel.groups);
      for (const index of frees) made[index]!.free();
    }
    pass.end();
    memory.api.queue.submit([encoder.finish()]);
    return this.#tensors.results(made);
  }

  #group(kernel: WebGpuKernel, groups: Map<string, object>, tensors: readonly WebGpuTensor[]): object {
    const key = tensors.map(({ pooled }) => pooled.id).join();
    const known = groups.get(key);
    if (known) return known;
    const resources = [
      { buffer: kernel.parameters },
      ...tensors.map(({ pooled }) => ({ buffer: pooled.buffer })),
    ];
    const group = this.#memory.api.createBindGroup({
      layout: kernel.layout,
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    if (groups.size >= keptGroups) groups.clear();
    groups.set(key, group);
    return group;
  }

  release(): void {
    this.#tensors.release();
    this.#release();
  }
}

function own(memory: WebGpuMemory, tensor: DeviceTensor): WebGpuTensor {
  if (tensor instanceof WebGpuTensor && tensor.memory === memory) return tensor;
  throw new ProgramError("A program of backend 'gpu:webgpu' was given data of another device.");
}
