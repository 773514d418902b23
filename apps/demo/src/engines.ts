import { explain } from "@polykeras/core";
import type { Answer } from "./answer.ts";
import { ChildFailedError, runFresh } from "./fresh.ts";

/** What the demo can run on here, and what the configuration says. */
export interface Machine {
  /** Engines to run on, in order, as KERAS_BACKEND takes them. */
  readonly engines: readonly string[];
  /** One line on each engine that needs a device: on which it runs, or why it is not among the engines. */
  readonly devices: readonly string[];
  /** The engine that runs a program which says nothing about it. */
  readonly inForce: string;
  /** Why that one, for people. */
  readonly why: string;
}

/** Engines that are several; only those that run without a browser. A name that is missing here is one engine. */
const variants: Readonly<Record<string, readonly string[]>> = {
  tfjs: ["tfjs:wasm", "tfjs:cpu"],
  gpu: ["gpu:webasm", "gpu:webgpu"],
};

/** These need a device besides their package. */
const onDevices: ReadonlySet<string> = new Set(["gpu:webgpu"]);

const answer = new URL(import.meta.url.endsWith(".ts") ? "./answer.ts" : "./answer.js", import.meta.url);

/**
 * Every engine that is installed and answers; only the one asked for when KERAS_BACKEND asks for one. Throws the
 * configuration's own errors, such as BackendNotFoundError with the command that installs what is missing.
 */
export async function machine(
  environment: Readonly<Record<string, string | undefined>>,
  ask: (engine: string) => Promise<Answer> = askFresh,
): Promise<Machine> {
  const { engine, variant, why, installed } = explain();
  const inForce = variant === null ? (variants[engine]?.[0] ?? engine) : `${engine}:${variant}`;
  const asked = environment["KERAS_BACKEND"];
  if (asked !== undefined && asked !== "") return { engines: [asked], devices: [], inForce, why };

  const present = installed.filter((entry) => entry.installed).map(({ name }) => name);
  const engines: string[] = [];
  const devices: string[] = [];
  for (const name of present.flatMap((entry) => variants[entry] ?? [entry])) {
    const answered = onDevices.has(name) ? await ask(name) : null;
    if (answered?.why) {
      devices.push(`without ${name}: ${answered.why.trim().replaceAll(/\s*\n\s*/g, " ")}`);
      continue;
    }
    engines.push(name);
    if (answered) devices.push(`${name} runs on ${answered.adapter}`);
  }
  return { engines, devices, inForce, why };
}

/** Asks an engine in a process of its own; one that crashes or says nothing for 20 seconds has answered as well. */
export async function askFresh(engine: string): Promise<Answer> {
  try {
    const { message } = await runFresh(answer, [engine], { seconds: 20 });
    if (isAnswer(message)) return message;
    return { adapter: null, why: "the process sent something else" };
  } catch (error) {
    if (error instanceof ChildFailedError) return { adapter: null, why: error.message };
    throw error;
  }
}

function isAnswer(message: unknown): message is Answer {
  return typeof message === "object" && message !== null && "adapter" in message && "why" in message;
}
