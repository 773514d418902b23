import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { runFresh } from "demo/fresh";
import type { Contender, Measures } from "./bench.ts";

/** A module of `programs`, run in a fresh process on one of our engines. */
export function ours(program: URL, engine: string): Contender {
  const environment = { KERAS_BACKEND: engine };
  return { name: `polykeras ${engine}`, run: () => runProgram(program, [], environment) };
}

/** A module of `programs` with parameters, in a fresh process. */
export function inProcess(
  name: string,
  module: URL,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Contender {
  return { name, run: () => runProgram(module, parameters, environment) };
}

/** A module of `programs` that uses tfjs-layers, on an engine of TensorFlow.js. */
export function tfjsLayers(program: URL, engine: string): Contender {
  return { name: `tfjs-layers ${engine}`, run: () => runProgram(program, [engine], {}) };
}

/** A script of the folder `python`, which prints its measures as JSON in its last line. */
export function python(interpreter: string, script: string): Contender {
  const file = new URL(`../python/${script}`, import.meta.url).pathname;
  return {
    name: "Keras 2.15, TensorFlow",
    async run() {
      const { stdout } = await promisify(execFile)(interpreter, [file], {
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", CUDA_VISIBLE_DEVICES: "-1" },
      });
      return toMeasures(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    },
  };
}

async function runProgram(
  program: URL,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Measures> {
  return toMeasures((await runFresh(program, parameters, { environment })).message);
}

function toMeasures(message: unknown): Measures {
  if (typeof message !== "object" || message === null) throw new TypeError("the process sent no measures");
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => {
      if (typeof value !== "number") throw new TypeError(`the process sent no number as ${key}`);
      return [key, value];
    }),
  );
}
