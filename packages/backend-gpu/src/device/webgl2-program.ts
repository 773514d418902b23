import { ProgramError } from "@polykeras/core";
import type { Plan } from "../plan/plan.ts";
import type { DeviceProgram, DeviceTensor } from "./device.ts";
import { lastUses } from "./last-uses.ts";
import { PlanTensors } from "./plan-tensors.ts";
import type { WebGl2Kernel } from "./webgl2-kernel.ts";
import type { WebGl2Kernels } from "./webgl2-kernels.ts";
import { type WebGl2Memory, WebGl2Tensor } from "./webgl2-memory.ts";

/** The kernels of a plan, each called when its turn comes, and built when the layout of its arguments is known. */
export class WebGl2Program implements DeviceProgram {
  readonly #all: WebGl2Kernels;
  readonly #plan: Plan;
  readonly #frees: readonly (readonly number[])[];
  readonly #tensors: PlanTensors<WebGl2Tensor>;
  readonly #kernels: Map<string, WebGl2Kernel>[];
  readonly #keys: string[] = [];

  constructor(kernels: WebGl2Kernels, plan: Plan) {
    this.#all = kernels;
    this.#plan = plan;
    this.#frees = lastUses(plan);
    this.#kernels = plan.kernels.map(() => new Map());
    this.#tensors = new PlanTensors(plan, (data) => kernels.memory.upload(data));
  }

  run(given: readonly DeviceTensor[]): readonly WebGl2Tensor[] {
    const inputs = given.map((tensor) => own(this.#all.memory, tensor));
    const made: WebGl2Tensor[] = [];
    for (const [i, frees] of this.#frees.entries()) {
      const values = this.#tensors.read(i, inputs, made);
      made.push(
        this.#all.run(
          this.#kernel(i, values),
          values.map(({ argument }) => argument),
        ),
      );
      for (const index of frees) made[index]!.free();
    }
    return this.#tensors.results(made);
  }

  #kernel(at: number, values: readonly WebGl2Tensor[]): WebGl2Kernel {
    // Lengths are those of the plan; only the format may change from run to run.
    const layout = values.map(({ texture }) => (texture.packed ? "p" : "s")).join("");
    const known = this.#kernels[at]!.get(layout);
    if (known) return known;
    const { source, output } = this.#plan.kernels[at]!;
    const { key, kernel } = this.#all.take(
      source,
      output,
      values.map(({ argument }) => argument),
    );
    this.#keys.push(key);
    this.#kernels[at]!.set(layout, kernel);
    return kernel;
  }

  release(): void {
    this.#tensors.release();
    this.#all.release(this.#keys);
  }
}

function own(memory: WebGl2Memory, tensor: DeviceTensor): WebGl2Tensor {
  if (tensor instanceof WebGl2Tensor && tensor.memory === memory) return tensor;
  throw new ProgramError("A program of backend 'gpu:webgl2' was given data of another device.");
}
