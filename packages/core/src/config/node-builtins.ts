import type * as Fs from "node:fs";
import type * as Module from "node:module";
import type * as Os from "node:os";

/** The modules of Node that a host takes. */
export interface NodeBuiltins {
  readonly fs: typeof Fs;
  readonly module: Pick<typeof Module, "createRequire">;
  readonly os: typeof Os;
}

let prepared: NodeBuiltins | null = null;

/** True for Node and what takes its part: Bun, Deno, edge runtimes with Node's API. */
export function isNode(): boolean {
  return typeof globalThis.process?.versions?.node === "string";
}

/** Null outside of Node, and before `prepareNode` on a Node older than 20.16. */
export function nodeBuiltins(): NodeBuiltins | null {
  if (prepared !== null || !isNode() || typeof process.getBuiltinModule !== "function") return prepared;
  const fs = process.getBuiltinModule("node:fs");
  const module = process.getBuiltinModule("node:module");
  const os = process.getBuiltinModule("node:os");
  // An edge runtime may have the function and give undefined for what it lacks.
  if (fs && module && os) prepared = { fs, module, os };
  return prepared;
}

/** Loads the modules where there is no synchronous way to them. Does nothing where there is one. */
export async function prepareNode(): Promise<void> {
  if (nodeBuiltins() !== null || !isNode()) return;
  // Names in variables, because a bundler for browsers would follow a literal one and fail.
  const [fsName, moduleName, osName] = ["node:fs", "node:module", "node:os"];
  const fs: typeof Fs = await import(/* @vite-ignore */ /* webpackIgnore: true */ fsName);
  const module: NodeBuiltins["module"] = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ moduleName
  );
  const os: typeof Os = await import(/* @vite-ignore */ /* webpackIgnore: true */ osName);
  prepared = { fs, module, os };
}
