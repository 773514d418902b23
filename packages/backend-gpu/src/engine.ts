import { type Backend, ProgramError, signatureOf } from "@polykeras/core";
import { GpuBuffer, type Ledger } from "./buffers.ts";
import { GpuExecutable } from "./executable.ts";
import { start } from "./load.ts";
import { supports } from "./supports.ts";
import { asMode, defaultMode } from "./variants.ts";

export interface GpuOptions {
  /** `webasm`, the default and in this version the only one. */
  readonly variant?: string;
}

/** A backend over gpu.js in one of its modes. Throws GpuError when the mode does not exist or does not start. */
export async function create(options: GpuOptions = {}): Promise<Backend> {
  const mode = asMode(options.variant ?? defaultMode);
  const gpu = await start(mode);
  const ledger: Ledger = { buffers: 0, bytes: 0 };
  return {
    contract: 1,
    name: `gpu:${mode}`,
    supports,
    placeholder: (spec) => ({ spec, feed: (data) => new GpuBuffer(ledger, spec, data.slice()) }),
    variable: (spec, value) => new GpuBuffer(ledger, spec, value.slice()),
    function(program) {
      const gaps = program.steps.flatMap((step) => {
        const answer = supports(signatureOf(program, step));
        return answer === true ? [] : [`${step.op} (${answer})`];
      });
      if (gaps.length > 0)
        throw new ProgramError(
          `Backend 'gpu:${mode}' was given steps it does not support: ${gaps.join(", ")}.`,
        );
      return new GpuExecutable(gpu, ledger, program);
    },
    memory: () => ({ ...ledger }),
  };
}
