import { explain, openBackend } from "@polykeras/core";
import type { Backend } from "@polykeras/core";

/** Loads the engine in force, so that no measurement counts the loading. */
export function loadEngine(): Promise<Backend> {
  const { engine, variant } = explain();
  return openBackend(variant === null ? engine : `${engine}:${variant}`);
}
