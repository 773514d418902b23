/**
 * gpu.js engines for polykeras. `create({ variant })` gives one; the three entries of the contract are those of
 * the default, gpu.js in its WebAssembly mode, which is started when first used.
 */
import type { Backend } from "@polykeras/core";
import { create } from "./engine.ts";
import { defaultMode } from "./variants.ts";

let engine: Promise<Backend> | undefined;
let settled: Backend | undefined;

function shared(): Promise<Backend> {
  engine ??= create().then((backend) => (settled = backend));
  return engine;
}

const compile: Backend["function"] = async (program) => (await shared()).function(program);

export const contract: Backend["contract"] = 1;
export const name: string = `gpu:${defaultMode}`;
export const placeholder: Backend["placeholder"] = async (spec) => (await shared()).placeholder(spec);
export const variable: Backend["variable"] = async (spec, value) => (await shared()).variable(spec, value);
export const memory: NonNullable<Backend["memory"]> = () => settled?.memory?.() ?? { buffers: 0, bytes: 0 };
export { compile as function, create };
export { supports } from "./supports.ts";
export { GpuError, type Mode } from "./variants.ts";
export type { GpuOptions } from "./engine.ts";
