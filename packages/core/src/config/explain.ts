import { describe } from "./describe.ts";
import { lookupDirectories } from "./find.ts";
import type { ConfigHost } from "./host.ts";
import { readJson } from "./json.ts";
import type { FileState } from "./keras-json.ts";
import { engineNames, engines, isEngineName } from "./names.ts";
import { engineLabel } from "./notice.ts";
import { filePath, joinPath, parentPath } from "./paths.ts";
import type { BackendRequest } from "./request.ts";
import type { Settings } from "./settings.ts";
import type { Setting, Source } from "./source.ts";

/** An engine and whether it could be used now. `package` is null for a name that was only registered. */
export interface InstalledBackend {
  readonly name: string;
  readonly package: string | null;
  readonly installed: boolean;
  readonly version?: string;
}

/** Which backend is in force, why, and what else there is. `toString` is the text for people. */
export interface Explanation {
  /** As configured: what K.backend() returns. */
  readonly backend: string;
  readonly engine: string;
  readonly variant: string | null;
  /** The module it comes from. */
  readonly specifier: string;
  readonly why: string;
  readonly source: Source;
  readonly settings: Readonly<
    Record<"floatx" | "epsilon" | "imageDataFormat" | "notice" | "fallback", Setting<unknown>>
  >;
  readonly file: { readonly path: string | null; readonly state: FileState; readonly note?: string };
  readonly installed: readonly InstalledBackend[];
  /** Facts of the running engine, one line each. */
  readonly runtime: readonly string[];
  readonly limits: readonly string[];
  toString(): string;
}

/** `runtime` are lines that whoever runs programs adds: ops on the host, their cost, memory. */
export function explainConfig(
  settings: Settings,
  request: BackendRequest,
  host: ConfigHost,
  runtime: readonly string[] = [],
): Explanation {
  const { floatx, epsilon, imageDataFormat, notice, fallback, file } = settings;
  const explanation = {
    backend: request.configuredName,
    engine: request.engine,
    variant: request.variant,
    specifier: request.specifier,
    why: whyOf(request),
    source: request.source,
    settings: { floatx, epsilon, imageDataFormat, notice, fallback },
    file: { path: file.path, state: file.state, ...(file.note !== undefined && { note: file.note }) },
    installed: listInstalled(host),
    runtime,
    limits: host.limits,
  };
  return { ...explanation, toString: () => render(explanation, engineLabel(request)) };
}

function whyOf(request: BackendRequest): string {
  const asked = `${describe(request.configuredName)} is asked for by ${request.source.where}`;
  return request.reason === undefined ? asked : `${request.reason}; ${request.engine} stands in`;
}

/** The published engines, then what else is registered. */
export function listInstalled(host: ConfigHost): readonly InstalledBackend[] {
  const published = engineNames.map((name) => {
    const { package: specifier } = engines[name];
    const url = host.resolvePackage(specifier, lookupDirectories(host));
    const version = url === null ? undefined : versionOf(specifier, url, host);
    const installed = url !== null || host.registry.get(name) !== undefined;
    const entry = { name, package: specifier, installed };
    return version === undefined ? entry : Object.assign(entry, { version });
  });
  const others = [...host.registry.keys()].filter((name) => !isEngineName(name));
  return [...published, ...others.map((name) => ({ name, package: null, installed: true }))];
}

/** The version in the nearest package.json above a module that bears the package's name. */
function versionOf(specifier: string, url: string, host: ConfigHost): string | undefined {
  const path = filePath(host.platform, url);
  let directory = path === null ? null : parentPath(host.platform, path);
  while (directory !== null) {
    const members = readManifest(joinPath(host.platform, directory, "package.json"), host);
    const version = members?.get("version")?.value;
    if (members?.get("name")?.value === specifier) return typeof version === "string" ? version : undefined;
    directory = parentPath(host.platform, directory);
  }
  return undefined;
}

function readManifest(path: string, host: ConfigHost): ReturnType<typeof readJson>["members"] {
  try {
    const text = host.readFile(path);
    return text === null ? undefined : readJson(text).members;
  } catch {
    return undefined; // A manifest that cannot be read gives no version; nothing else depends on it.
  }
}

const fileStates: Readonly<Record<FileState, string>> = {
  read: "read",
  written: "written now, because there was none",
  invalid: "not valid JSON, so the defaults count; the file is kept",
  absent: "absent, and could not be written",
  none: "no keras.json in this environment",
};

function render(data: Omit<Explanation, "toString">, engine: string): string {
  const { settings, file, installed, runtime, limits } = data;
  const rows = Object.entries(settings).map(
    ([name, { value, source }]) => `  ${name.padEnd(16)} ${String(value).padEnd(14)} ${source.where}`,
  );
  const engineRows = installed.map(({ name, package: specifier, installed: present, version }) => {
    const from = specifier === null ? "registered" : [specifier, version].filter(Boolean).join(" ");
    return `  ${name.padEnd(16)} ${present ? from : `not installed (npm install ${specifier})`}`;
  });
  const note = file.note === undefined ? "" : ` (${file.note})`;
  return [
    `Backend: ${data.backend}, run by engine ${engine} (${data.specifier})`,
    `Why: ${data.why}`,
    `File: ${file.path === null ? "" : `${file.path}: `}${fileStates[file.state]}${note}`,
    "Settings:",
    ...rows,
    "Engines:",
    ...engineRows,
    ...(runtime.length > 0 ? ["Runtime:", ...runtime.map((line) => `  ${line}`)] : []),
    ...(limits.length > 0 ? ["Limits:", ...limits.map((line) => `  ${line}`)] : []),
  ].join("\n");
}
