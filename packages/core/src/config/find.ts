import { describe } from "./describe.ts";
import { expandHome } from "./directory.ts";
import type { ConfigHost } from "./host.ts";
import type { EngineName } from "./names.ts";
import * as names from "./names.ts";
import { absolutePath, filePath, fileUrl, parentPath } from "./paths.ts";
import type { BackendLoader } from "./registry.ts";
import type { Source } from "./source.ts";

/** How to get the module: a registered loader, or a URL to import. */
type BackendTarget =
  | { readonly kind: "loader"; readonly loader: BackendLoader }
  | { readonly kind: "url"; readonly url: string };

/** A backend that is there. `engine` is the built-in engine's name, or the external backend's own. */
export interface FoundBackend {
  readonly engine: string;
  readonly external: boolean;
  readonly variant: string | null;
  /** The package, subpath, path or registered name, as errors call the module. */
  readonly specifier: string;
  readonly target: BackendTarget;
}

/** A backend that is not there: `why` is a phrase, `remedy` sentences. */
interface MissingBackend {
  readonly why: string;
  readonly remedy: string;
  readonly install?: string;
}

export type FindResult = { readonly found: FoundBackend } | { readonly missing: MissingBackend };

const known = `Built in are ${names.builtInNames.join(", ")}; else give an npm package, a subpath of one, or the path of a file.`;

/** Where packages are looked up: the working directory, then the entry script's, then this package's. */
export function lookupDirectories(host: ConfigHost): readonly string[] {
  const script = host.entryScript();
  const candidates = [
    host.cwd(),
    script === null ? null : parentPath(host.platform, script),
    host.coreDirectory(),
  ];
  return [...new Set(candidates.filter((directory) => directory !== null))];
}

/** Looks a name up: registered, built in, file, package, in this order. Loads nothing. */
export function findBackend(name: string, source: Source, host: ConfigHost): FindResult {
  const { base, variant } = names.splitVariant(name);
  const whole = host.registry.get(name);
  if (whole !== undefined) return registered(name, null, whole);
  const loader = host.registry.get(base);
  if (loader !== undefined) return registered(base, variant, loader);

  const engine = names.engineOf(base);
  if (engine === null) return missing(`no engine takes the part of ${names.labelOf(base)} yet`, known);
  if (engine !== undefined) return findEngine(engine, variant, host);
  if (source.untrusted) return refused(source);
  if (names.isWebUrl(name)) return findAddress(name, host);
  if (names.isFileName(name)) return findFile(name, host);
  return findPackage(base, variant, host) ?? findRelative(name, host) ?? unknownName(base, host);
}

/** A built-in engine: a registration of its name, else its package. */
export function findEngine(engine: EngineName, variant: string | null, host: ConfigHost): FindResult {
  const loader = host.registry.get(engine);
  if (loader !== undefined) return registered(engine, variant, loader);
  const specifier = names.engines[engine].package;
  const url = host.resolvePackage(specifier, lookupDirectories(host));
  if (url !== null)
    return present({ engine, external: false, variant, specifier, target: { kind: "url", url } });
  return missing(`${specifier} is not installed`, ...install(specifier, engine, host));
}

function findAddress(url: string, host: ConfigHost): FindResult {
  if (host.platform === "browser") return external(url, null, url, url);
  return missing(
    "an address on the web can only be imported in a browser",
    "Install its package, or save the file.",
  );
}

/** A path may hold a colon of its own, so the variant is split off only when the whole is no file. */
function findFile(name: string, host: ConfigHost): FindResult {
  const { base, variant } = names.splitVariant(name);
  if (host.platform === "browser") {
    const url = URL.canParse(base, host.cwd()) ? new URL(base, host.cwd()).href : base;
    return external(base, variant, base, url);
  }
  const whole = locate(name, host);
  if (whole !== null) return external(name, null, whole, fileUrl(host.platform, whole));
  const path = locate(base, host);
  if (path !== null) return external(base, variant, path, fileUrl(host.platform, path));
  return missing(`there is no file ${toPath(base, host)}`, `Correct the path; it counts from ${host.cwd()}.`);
}

/** `backends/mine.js`: looks like a subpath, but no such package is there. */
function findRelative(name: string, host: ConfigHost): FindResult | undefined {
  if (host.platform === "browser" || !/[/]|\.[cm]?[jt]s(?::|$)/.test(name)) return undefined;
  const result = findFile(name, host);
  return "found" in result ? result : undefined;
}

function findPackage(base: string, variant: string | null, host: ConfigHost): FindResult | undefined {
  for (const specifier of names.specifiersOf(base)) {
    const url = host.resolvePackage(specifier, lookupDirectories(host));
    if (url !== null) return external(base, variant, specifier, url);
  }
  return undefined;
}

function unknownName(name: string, host: ConfigHost): FindResult {
  const similar = names.similarName(name);
  const hint = similar === undefined ? known : `Did you mean ${describe(similar)}? ${known}`;
  const specifiers = names.specifiersOf(name);
  const last = specifiers[1] ?? specifiers[0];
  const owner = last === undefined ? null : names.packageOf(last);
  if (last === undefined || owner === null) return missing("it is no built-in name, package or file", hint);
  if (last !== owner && host.resolvePackage(owner, lookupDirectories(host)) !== null) {
    return missing(
      `the package ${owner} is installed, but it exports no ${last.slice(owner.length + 1)}`,
      hint,
    );
  }
  const why = `there is no package ${specifiers.map((specifier) => `'${specifier}'`).join(" nor ")}`;
  // To install what is likely a misspelling would fetch a stranger's package.
  if (similar !== undefined) return missing(why, hint);
  const [remedy, command] = install(owner, name, host);
  return missing(why, `${remedy}\n${hint}`, command);
}

/** The remedy and, where packages can be installed, its command. */
function install(owner: string, name: string, host: ConfigHost): readonly [string, string] {
  const command = `npm install ${owner}`;
  if (host.platform !== "browser") return [`Install it: ${command}`, command];
  const registration = `registerBackend(${describe(name)}, () => import(${describe(owner)}))`;
  return [`Install it (${command}) and make it known to the bundle: ${registration}`, command];
}

function locate(name: string, host: ConfigHost): string | null {
  const path = toPath(name, host);
  return (
    ["", ".js", ".mjs", ".cjs", ".ts", ".mts"]
      .map((ending) => path + ending)
      .find((whole) => host.exists(whole)) ?? null
  );
}

/** The absolute path, `.` and `..` resolved. */
function toPath(name: string, host: ConfigHost): string {
  const path = absolutePath(
    host.platform,
    host.cwd(),
    filePath(host.platform, name) ?? expandHome(host, name),
  );
  return filePath(host.platform, fileUrl(host.platform, path)) ?? path;
}

/** A name that may have come from someone else: it must not make this process run what they choose. */
function refused(source: Source): FindResult {
  const own =
    source.kind === "file"
      ? "in KERAS_BACKEND, or in a keras.json of your own (KERAS_HOME)"
      : "or register it";
  const why = "what others can write may only choose a backend that is built in or registered";
  return missing(why, `Choose the backend in code, ${own}.`);
}

function registered(name: string, variant: string | null, loader: BackendLoader): FindResult {
  const engine = names.engineOf(name) ?? name;
  const builtIn = names.isEngineName(engine);
  return present({
    engine,
    external: !builtIn,
    variant,
    specifier: name,
    target: { kind: "loader", loader },
  });
}

function external(engine: string, variant: string | null, specifier: string, url: string): FindResult {
  return present({ engine, external: true, variant, specifier, target: { kind: "url", url } });
}

function present(found: FoundBackend): FindResult {
  return { found };
}

function missing(why: string, remedy: string, command?: string): FindResult {
  return { missing: { why, remedy, ...(command !== undefined && { install: command }) } };
}
