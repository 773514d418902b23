import {
  type Buffer,
  DisposedError,
  type Executable,
  type Program,
  type TensorSpec,
  sizeOf,
  specOf,
} from "@polykeras/core";
import { GpuBuffer, type Ledger, ofSpec, own } from "./buffers.ts";
import type { Gpu, Pipeline } from "./gpu.ts";
import { type Plan, plan } from "./plan/plan.ts";

/** A program as one pipeline of gpu.js. */
export class GpuExecutable implements Executable {
  readonly #ledger: Ledger;
  readonly #program: Program;
  readonly #plan: Plan;
  /** Null where no result has elements. */
  readonly #pipeline: Pipeline | null;
  readonly #results: readonly TensorSpec[];
  #disposed = false;

  constructor(gpu: Gpu, ledger: Ledger, program: Program) {
    this.#ledger = ledger;
    this.#program = program;
    this.#plan = plan(program);
    const sizes = this.#plan.inputs.map((at) => sizeOf(specOf(program, program.inputs[at]!.value).shape));
    const empty = this.#plan.results.every((kernel) => kernel === null);
    this.#pipeline = empty ? null : gpu.pipeline(this.#plan, sizes);
    this.#results = [...program.outputs, ...program.updates.map(({ value }) => value)].map((id) =>
      specOf(program, id),
    );
  }

  async run(inputs: readonly Buffer[]): Promise<readonly Buffer[]> {
    if (this.#disposed) throw new DisposedError("A program of backend 'gpu' ran after its dispose().");
    const buffers = inputs.map(own);
    const read = this.#plan.inputs.map((at) => buffers[at]!.floats);
    const made = this.#pipeline ? await this.#pipeline.run(read) : [];
    let next = 0;
    const results = this.#results.map((spec, i) =>
      ofSpec(this.#plan.results[i] === null ? new Float32Array(0) : made[next++]!, spec),
    );
    const { outputs, updates } = this.#program;
    for (const [i, { input }] of updates.entries()) buffers[input]!.replace(results[outputs.length + i]!);
    return outputs.map((_, i) => new GpuBuffer(this.#ledger, this.#results[i]!, results[i]!));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pipeline?.release();
  }
}
