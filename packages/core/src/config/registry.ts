import { describe } from "./describe.ts";
import { ConfigError } from "./errors.ts";
import { codeSource } from "./source.ts";

/** Gives a backend module, usually `() => import("...")`, which bundlers follow. */
export type BackendLoader = () => unknown;

/** Backends by name, for bundles, where nothing can be looked up at run time. */
export interface BackendRegistry {
  get(name: string): BackendLoader | undefined;
  set(name: string, loader: BackendLoader): unknown;
  keys(): Iterable<string>;
}

const key = Symbol.for("polykeras.backends");

/** The registry of this realm, one for all copies of this package. */
export function sharedRegistry(): BackendRegistry {
  // A property named by a registered symbol is the one place that two copies of a package share.
  const found: unknown = Reflect.get(globalThis, key);
  if (found instanceof Map) return found;
  const made = new Map<string, BackendLoader>();
  Reflect.set(globalThis, key, made);
  return made;
}

/**
 * Announces a backend under a name, which from then on comes before any package of that name. A second
 * registration replaces the first. Throws ConfigError for an empty name, one with a colon (which separates
 * the variant), or a loader that is no function.
 */
export function registerBackend(
  name: string,
  loader: BackendLoader,
  registry: BackendRegistry = sharedRegistry(),
): void {
  const source = codeSource(`registerBackend(${describe(name)}, ...)`);
  const problems = [];
  if (typeof name !== "string" || name === "" || name.includes(":")) {
    const allowed = "a non-empty string without a colon";
    problems.push({ field: "name", value: name, written: describe(name), allowed, source });
  }
  if (typeof loader !== "function") {
    const allowed = 'a function that gives the module, such as () => import("my-backend")';
    problems.push({ field: "loader", value: loader, written: describe(loader), allowed, source });
  }
  if (problems.length > 0) {
    throw new ConfigError("A backend was registered wrongly:", problems, "Correct the call.");
  }
  registry.set(name, loader);
}
