import type { KernelBackend } from "@tensorflow/tfjs-core";
import { TfjsError, type VariantName, variants } from "./variants.ts";

/** The module `@tensorflow/tfjs-core`, loaded when the first engine is asked for. */
type Tfjs = typeof import("@tensorflow/tfjs-core");

/** A started engine: its memory and its name in the kernel registry. */
export interface Started {
  readonly tf: Tfjs;
  readonly memory: KernelBackend;
  readonly registered: string;
}

/** Where the binaries of the wasm engine are: a folder's URL ending in `/`, or a URL for each file name. */
export type WasmPaths = string | Readonly<Record<string, string>>;

const started = new Map<VariantName, Promise<Started>>();
/** Starts are in line: each needs TensorFlow.js's global backend for a moment. */
let line: Promise<unknown> = Promise.resolve();

/** Loads and starts an engine, once per process. Throws TfjsError when it is not installed or does not start. */
export function start(name: VariantName, wasmPaths?: WasmPaths): Promise<Started> {
  const running = started.get(name);
  if (running) return running;
  const starting = line.then(() => startNow(name, wasmPaths));
  line = starting.catch(() => {});
  started.set(name, starting);
  starting.catch(() => started.delete(name));
  return starting;
}

async function startNow(name: VariantName, wasmPaths: WasmPaths | undefined): Promise<Started> {
  const variant = variants[name];
  const tf = await load(() => import("@tensorflow/tfjs-core"), "@tensorflow/tfjs-core", name);
  await load(() => variant.load(), variant.package, name);
  if (name === "wasm") await placeBinaries(wasmPaths);
  const before = tf.engine().backendName;
  if (!(await starts(tf, variant.registered)))
    throw new TfjsError(
      `TensorFlow.js could not start its '${variant.registered}' engine here: ${remedies[name]}`,
    );
  const memory = tf.findBackend(variant.registered);
  // The program may use TensorFlow.js itself: its choice of engine stays as it was.
  if (before && before !== variant.registered) await tf.setBackend(before);
  // Otherwise the cpu engine advertises another package on its first write.
  if (name === "cpu") Reflect.set(memory, "firstUse", false);
  return { tf, memory, registered: variant.registered };
}

const remedies: Readonly<Record<VariantName, string>> = {
  wasm: "its binaries could not be loaded. In a bundled page, pass create({ wasmPaths }) the folder that serves them.",
  cpu: "it needs nothing, so the installation may be damaged. Reinstall @tensorflow/tfjs-backend-cpu@4.",
  webgl: "it needs a browser with WebGL. Use 'tfjs:wasm'.",
  webgpu: "it needs a browser with WebGPU. Use 'tfjs:webgl' or 'tfjs:wasm'.",
  node: "its native addon did not load. Use 'tfjs:wasm'.",
};

/** An engine whose package found nothing to run on is not registered, and one that fails gives false. */
async function starts(tf: Tfjs, registered: string): Promise<boolean> {
  try {
    return await tf.setBackend(registered);
  } catch {
    return false;
  }
}

async function load<T>(importer: () => Promise<T>, packageName: string, variant: VariantName): Promise<T> {
  try {
    return await importer();
  } catch (cause) {
    throw new TfjsError(
      `Backend 'tfjs:${variant}' needs the package ${packageName}, which could not be loaded: ` +
        `${cause instanceof Error ? cause.message : String(cause)}\nInstall it: npm install ${packageName}@4`,
      { cause },
    );
  }
}

/** Node finds the binaries beside the package's script; a bundled page must be told where it serves them. */
async function placeBinaries(paths: WasmPaths | undefined): Promise<void> {
  if (paths === undefined) return;
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(typeof paths === "string" ? paths : { ...paths });
}
