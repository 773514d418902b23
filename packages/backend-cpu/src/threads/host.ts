import type { Message } from "./worker.ts";

/** A thread beside the calling one. */
export interface Helper {
  post(message: Message): void;
  /** A promise once it is known when the thread has ended; else null. */
  stop(): Promise<unknown> | null;
  /** Whether the thread is known to have ended. It can be asked while the calling thread waits. */
  hasEnded(): boolean;
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

/** Starts a thread that runs a script; null where that is not possible. `failed` is called when it has ended. */
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
  // An error without a listener would end the process.
  worker.on("error", failed);
  worker.on("exit", failed);
  const idle = (): number => worker.performance?.eventLoopUtilization().idle ?? 0;
  // Node keeps since when a loop runs only if it is asked while it does: the thread's first message comes out of its loop.
  // Either event may be the later one.
  worker.once("message", idle);
  worker.once("online", idle);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    stop: () => worker.terminate(),
    // Without events, for which the calling thread would have to return: a loop that has ended has no idle time. As long as
    // the thread's first messages have not arrived it counts as there.
    hasEnded: () => idle() < 0,
  };
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
    hasEnded: () => false,
  };
}
