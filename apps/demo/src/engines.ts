import { explain } from "@polykeras/core";

/** What the demo can run on here, and what the configuration says. */
export interface Machine {
  /** Engines to run on, in order, as KERAS_BACKEND takes them. */
  readonly engines: readonly string[];
  /** The engine that runs a program which says nothing about it. */
  readonly inForce: string;
  /** Why that one, for people. */
  readonly why: string;
}

/** Engines that are several; only those that run without a browser. A name that is missing here is one engine. */
const variants: Readonly<Record<string, readonly string[]>> = {
  tfjs: ["tfjs:wasm", "tfjs:cpu"],
  gpu: ["gpu:webasm"],
};

/**
 * Every engine that is installed; only the one asked for when KERAS_BACKEND asks for one. Throws the
 * configuration's own errors, such as BackendNotFoundError with the command that installs what is missing.
 */
export function machine(environment: Readonly<Record<string, string | undefined>>): Machine {
  const { engine, variant, why, installed } = explain();
  const inForce = variant === null ? (variants[engine]?.[0] ?? engine) : `${engine}:${variant}`;
  const asked = environment["KERAS_BACKEND"];
  if (asked !== undefined && asked !== "") return { engines: [asked], inForce, why };
  const present = installed.filter((entry) => entry.installed).map(({ name }) => name);
  return { engines: present.flatMap((name) => variants[name] ?? [name]), inForce, why };
}
