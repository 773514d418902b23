/** The conditions under which a package's exports are read, in no order: the package's own order decides. */
export type Conditions = ReadonlySet<string>;

/**
 * The target of a subpath ("." or "./sub") in the `exports` of a package.json, by Node's rules for imports;
 * null where the package does not export it.
 */
export function exportTarget(exports: unknown, subpath: string, conditions: Conditions): string | null {
  if (!isRecord(exports) || !Object.keys(exports).some((key) => key.startsWith("."))) {
    return subpath === "." ? choose(exports, conditions, "") : null;
  }
  if (Object.hasOwn(exports, subpath) && !subpath.includes("*"))
    return choose(exports[subpath], conditions, "");
  const patterns = Object.keys(exports).filter((key) => key.split("*").length === 2);
  // The longest part before the star wins, then the longest pattern.
  patterns.sort((a, b) => b.indexOf("*") - a.indexOf("*") || b.length - a.length);
  for (const pattern of patterns) {
    const [head = "", tail = ""] = pattern.split("*");
    const long = subpath.length > head.length + tail.length;
    if (long && subpath.startsWith(head) && subpath.endsWith(tail)) {
      return choose(exports[pattern], conditions, subpath.slice(head.length, subpath.length - tail.length));
    }
  }
  return null;
}

/** The first target that applies; `star` replaces the pattern's star. Targets outside the package are refused. */
function choose(target: unknown, conditions: Conditions, star: string): string | null {
  if (typeof target === "string") {
    const path = target.replaceAll("*", star);
    return path.startsWith("./") && !/[\\/](?:\.\.?|node_modules)(?:[\\/]|$)/.test(path.slice(1))
      ? path
      : null;
  }
  if (Array.isArray(target)) return firstOf(target, (item) => choose(item, conditions, star));
  if (!isRecord(target)) return null;
  const applying = Object.keys(target).filter((name) => name === "default" || conditions.has(name));
  return firstOf(applying, (name) => choose(target[name], conditions, star));
}

function firstOf<T>(items: readonly T[], read: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = read(item);
    if (found !== null) return found;
  }
  return null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The conditions of this process's imports: the runtime's own and those given on its command line. */
export function conditionsOf(
  execArguments: readonly string[],
  nodeOptions: string,
  versions: Readonly<Record<string, string | undefined>>,
): Conditions {
  const conditions = new Set(["import", "node", "node-addons"]);
  const [major = 0, minor = 0] = (versions["node"] ?? "").split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 10)) conditions.add("module-sync");
  for (const runtime of ["bun", "deno"]) if (versions[runtime] !== undefined) conditions.add(runtime);
  const words = [...nodeOptions.split(/\s+/), ...execArguments];
  for (const [index, word] of words.entries()) {
    const [, joined] = /^(?:--conditions|-C)=(.+)$/.exec(word) ?? [];
    const next = words[index + 1];
    if (joined !== undefined) conditions.add(joined);
    else if ((word === "--conditions" || word === "-C") && next !== undefined) conditions.add(next);
  }
  return conditions;
}
