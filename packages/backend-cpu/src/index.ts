/** The default engine of polykeras: compiles programs to WebAssembly SIMD at run time, without a native addon. */
import {
  type Backend,
  type Executable,
  type MaybePromise,
  type Placeholder,
  type Program,
  type StepSignature,
  type TensorSpec,
  type TypedArray,
  canCompileWebAssembly,
} from "@polykeras/core";
import { CompilationError, type CpuBackend, type Options, create } from "./engine.ts";
import type { Threads } from "./threads/settings.ts";
import { ThreadError, type ThreadReport } from "./threads/team.ts";
import type { Tile } from "./emit/tile.ts";
import type { TileReport, TileTiming } from "./tile/choice.ts";
import type { TileSetting } from "./tile/settings.ts";

export {
  CompilationError,
  type CpuBackend,
  type Options,
  ThreadError,
  type ThreadReport,
  type Threads,
  type Tile,
  type TileReport,
  type TileSetting,
  type TileTiming,
  create,
};

let shared: CpuBackend | undefined;

function engine(): CpuBackend {
  shared ??= create();
  return shared;
}

export const contract = 1;
export const name = "cpu";

/** Starts the engine, which core asks for when it comes into force: no first program waits for memory and probes. */
export function available(): true | string {
  const answer = canCompileWebAssembly();
  if (answer === true) engine();
  return answer;
}

export function placeholder(spec: TensorSpec): MaybePromise<Placeholder> {
  return engine().placeholder(spec);
}

export function variable(spec: TensorSpec, value: TypedArray): ReturnType<Backend["variable"]> {
  return engine().variable(spec, value);
}

function fn(program: Program): MaybePromise<Executable> {
  return engine().function(program);
}
export { fn as function };

export function supports(step: StepSignature): true | string {
  return engine().supports?.(step) ?? true;
}

export function memory(): { readonly buffers: number; readonly bytes: number } {
  return engine().memory?.() ?? { buffers: 0, bytes: 0 };
}
