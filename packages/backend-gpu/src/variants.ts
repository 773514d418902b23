import { PolykerasError } from "@polykeras/core";

/** Ways in which gpu.js runs kernels. */
export type Mode = "webasm" | "webgpu" | "webgl2";

const modes: readonly Mode[] = ["webasm", "webgpu", "webgl2"];

export const defaultMode: Mode = "webasm";

/** The mode that a variant's name stands for. Throws GpuError for those that do not exist, or not yet. */
export function asMode(name: string): Mode {
  const mode = modes.find((known) => known === name);
  if (!mode) throw new GpuError(`Backend 'gpu' has no variant '${name}'. Use 'gpu:${defaultMode}'.`);
  if (mode !== "webasm")
    throw new GpuError(
      `Backend 'gpu:${mode}' is not yet in this version of @polykeras/backend-gpu. Use 'gpu:${defaultMode}'.`,
    );
  return mode;
}

/** A mode that does not exist, or gpu.js running something else than what was asked for. */
export class GpuError extends PolykerasError {
  override readonly name = "GpuError";
}
