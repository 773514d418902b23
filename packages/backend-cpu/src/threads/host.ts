import type { Message } from "./worker.ts";

/** A thread beside the calling one. */
export interface Helper {
  post(message: Message): void;
  /** A promise once it is known when the thread has ended; else null. */
  stop(): Promise<unknown> | null;
}

const autoMax = 16;

/** True for Node itself, not for what takes its part. */
function isNode(): boolean {
  const { versions } = globalThis.process ?? {};
  return versions?.node !== undefined && versions["bun"] === undefined && !Reflect.has(globalThis, "Deno");
}

/** Whether threads can share memory: everywhere but in pages that are not cross-origin isolated. */
export function sharesMemory(): boolean {
  const isolated: unknown = Reflect.get(globalThis, "crossOriginIsolated");
  return typeof SharedArrayBuffer === "function" && isolated !== false;
}

/** The number of threads for "auto". Nodes without `process.getBuiltinModule` (20.15 and older) have one. */
export function automaticThreads(): number {
  if (!isNode() || typeof process.getBuiltinModule !== "function") return 1;
  const os = process.getBuiltinModule("node:os");
  return Math.min(autoMax, os?.availableParallelism?.() ?? 1);
}

/** The value of a variable of the environment, where there is one. */
export function environment(name: string): string | undefined {
  return globalThis.process?.env?.[name];
}

/** True where `Atomics.wait` throws: the thread of a page. */
export function mayNotWait(): boolean {
  return typeof Reflect.get(globalThis, "window") === "object" && !isNode();
}

/** Starts a thread that runs a script; null where that is not possible. `failed` is called if it ends by an error. */
export function spawn(source: string, failed: () => void): Helper | null {
  try {
    return spawnInNode(source, failed) ?? spawnInPage(source, failed);
  } catch {
    // Node's permission model, or a page's policy, may forbid it.
    return null;
  }
}

function spawnInNode(source: string, failed: () => void): Helper | null {
  if (typeof globalThis.process?.getBuiltinModule !== "function") return null;
  const threads = process.getBuiltinModule("node:worker_threads");
  if (!threads) return null;
  const worker = new threads.Worker(source, { eval: true, execArgv: [], name: "polykeras" });
  worker.on("error", failed);
  worker.unref();
  return { post: (message) => worker.postMessage(message), stop: () => worker.terminate() };
}

function spawnInPage(source: string, failed: () => void): Helper | null {
  if (typeof Worker !== "function" || typeof Blob !== "function") return null;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "polykeras" });
  worker.addEventListener("error", failed);
  return {
    post: (message) => worker.postMessage(message),
    stop: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
      return null;
    },
  };
}
