/**
 * The engines of TensorFlow.js (wasm, cpu, webgl, webgpu, node) for polykeras. `create({ variant })` gives one;
 * the three entries of the contract are those of the default, wasm, which is started when first used.
 */
import type { Backend } from "@polykeras/core";
import { create } from "./engine.ts";
import { kernels } from "./kernels.ts";
import { supports as supportsOf } from "./supports.ts";
import { TfjsError, defaultVariant, variants } from "./variants.ts";

let engine: Promise<Backend> | undefined;
let settled: Backend | undefined;

function shared(): Promise<Backend> {
  engine ??= create().then((backend) => (settled = backend));
  return engine;
}

/** The capability list is known before the engine is started. */
const traits = variants[defaultVariant];
const table = kernels(traits, () => {
  throw new TfjsError(`Backend 'tfjs:${defaultVariant}' is not started yet.`);
});
const ask = supportsOf(traits);

export const contract: Backend["contract"] = 1;
export const name: string = `tfjs:${defaultVariant}`;
export const placeholder: Backend["placeholder"] = async (spec) => (await shared()).placeholder(spec);
export const variable: Backend["variable"] = async (spec, value) => (await shared()).variable(spec, value);
const compile: Backend["function"] = async (program) => (await shared()).function(program);
export const supports: NonNullable<Backend["supports"]> = ({ op, inputs, outputs }) =>
  Object.hasOwn(table, op) ? ask(op, inputs, outputs) : "no kernel of that name in the table";
export const memory: NonNullable<Backend["memory"]> = () => settled?.memory?.() ?? { buffers: 0, bytes: 0 };

export { compile as function, create };
export type { TfjsOptions } from "./engine.ts";
export type { WasmPaths } from "./load.ts";
export { TfjsError };
export type { VariantName } from "./variants.ts";
