import type { Plan, Reference } from "../plan/plan.ts";
import type { SharedTensor } from "./shared-tensor.ts";

/** The tensors of a plan while it runs: its constants, which stay, what the caller gave, and what its kernels made. */
export class PlanTensors<T extends SharedTensor> {
  readonly #plan: Plan;
  readonly #constants = new Map<Reference, T>();

  constructor(plan: Plan, upload: (data: Float32Array) => T) {
    this.#plan = plan;
    for (const { inputs } of plan.kernels)
      for (const reference of inputs)
        if (reference.kind === "constant") this.#constants.set(reference, upload(reference.data));
  }

  /** What kernel `at` reads. */
  read(at: number, inputs: readonly T[], made: readonly T[]): T[] {
    return this.#plan.kernels[at]!.inputs.map((reference) =>
      reference.kind === "constant"
        ? this.#constants.get(reference)!
        : (reference.kind === "input" ? inputs : made)[reference.index]!,
    );
  }

  /** The results, of which the caller frees each: what is several of them has as many holders. */
  results(made: readonly T[]): T[] {
    const taken = new Set<number>();
    return this.#plan.results.flatMap((index) => {
      if (index === null) return [];
      const result = made[index]!;
      if (taken.has(index)) return [result.hold()];
      taken.add(index);
      return [result];
    });
  }

  /** Frees the constants. */
  release(): void {
    for (const tensor of this.#constants.values()) tensor.free();
  }
}
