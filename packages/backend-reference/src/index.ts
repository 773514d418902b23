/**
 * The plain reference engine of polykeras: loops in float64, rounded once per op. It is the specification of
 * the primitives in code, the model for authors of engines, and what runs where nothing else does.
 *
 * A backend is a module with the three entries of the contract, here those of one engine, and `create` for more.
 */
import type { Backend } from "@polykeras/core";
import { create } from "./engine.ts";

const engine: Backend = create();
const fn: Backend["function"] = engine.function.bind(engine);

export const contract: Backend["contract"] = engine.contract;
export const name: Backend["name"] = engine.name;
export const placeholder: Backend["placeholder"] = engine.placeholder.bind(engine);
export const variable: Backend["variable"] = engine.variable.bind(engine);
export const supports: Backend["supports"] = engine.supports?.bind(engine);
export const memory: Backend["memory"] = engine.memory?.bind(engine);
export { create, fn as function };
