import type { ConfigHost, Platform } from "./host.ts";
import type { NodeBuiltins } from "./node-builtins.ts";
import { nodeBuiltins } from "./node-builtins.ts";
import { conditionsOf } from "./node-exports.ts";
import type { PackageFiles } from "./node-resolve.ts";
import { resolveFrom } from "./node-resolve.ts";
import { filePath, fileUrl, isAbsolutePath, joinPath, parentPath } from "./paths.ts";
import type { BackendRegistry } from "./registry.ts";
import { sharedRegistry } from "./registry.ts";

/** What takes the place of the process's own: for tests, and for tools that act for another directory. */
export interface NodeHostOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly entryScript?: string | null;
  readonly registry?: BackendRegistry;
  readonly writeError?: (line: string) => void;
}

const withoutFiles =
  "this Node is older than 20.16 and gives no access to files, keras.json and packages until `await prepareHost()`";

/** The process and its files, reached without a static import of Node's modules. */
export function nodeHost(options: NodeHostOptions = {}): ConfigHost {
  const platform = platformOf(process.platform);
  // Asked for at each use: on an older Node they come later, with prepareHost().
  const need = (): NodeBuiltins => {
    const builtins = nodeBuiltins();
    if (builtins === null) throw new Error(withoutFiles);
    return builtins;
  };
  return {
    platform,
    registry: options.registry ?? sharedRegistry(),
    get limits() {
      return nodeBuiltins() === null ? [withoutFiles] : [];
    },
    env: (name) => attempt(() => (options.env ?? process.env)[name]),
    cwd: () => options.cwd ?? attempt(() => process.cwd()) ?? "/",
    userDirectory: () => attempt(() => need().os.userInfo().homedir) ?? null,
    entryScript: () =>
      options.entryScript === undefined ? startedScript(platform, need) : options.entryScript,
    coreDirectory: () => {
      const path = filePath(platform, import.meta.url);
      return path === null ? null : parentPath(platform, path);
    },
    readFile: (path) => {
      const fs = nodeBuiltins()?.fs;
      return fs?.existsSync(path) ? decode(fs.readFileSync(path)) : null;
    },
    createFile: (path, text) => createFile(need().fs, path, text),
    makeDirectory: (path) => void need().fs.mkdirSync(path, { recursive: true }),
    exists: (path) => nodeBuiltins()?.fs.existsSync(path) ?? false,
    isWritable: (path) => {
      const probe = attempt(() => need().fs.accessSync(path, need().fs.constants.W_OK) ?? true);
      return probe === true;
    },
    resolvePackage: (specifier, directories) => {
      const builtins = nodeBuiltins();
      return builtins === null ? null : resolvePackage(specifier, directories, builtins, platform);
    },
    importModule: (url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url),
    writeError: options.writeError ?? ((line) => void process.stderr.write(`${line}\n`)),
    pageConfig: () => null,
    pageBackend: () => null,
  };
}

function platformOf(name: string): Platform {
  return name === "win32" || name === "darwin" ? name : "linux";
}

/** The script, with links followed, so that a linked command finds the packages it was installed with. */
function startedScript(platform: Platform, need: () => NodeBuiltins): string | null {
  const script = process.argv[1];
  if (script === undefined || !isAbsolutePath(platform, script)) return null;
  return attempt(() => need().fs.realpathSync(script)) ?? script;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError("the file is not UTF-8");
  }
}

/** A link is made only where nothing is; where links are not to be had the file is renamed. */
function createFile(fs: NodeBuiltins["fs"], path: string, text: string): void {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  fs.writeFileSync(aside, text, { flag: "wx" });
  try {
    fs.linkSync(aside, path);
  } catch {
    if (!fs.existsSync(path)) fs.renameSync(aside, path);
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

/** ES module resolution first; Node's own for CommonJS knows further places (NODE_PATH, Yarn's archives). */
function resolvePackage(
  specifier: string,
  directories: readonly string[],
  { fs, module }: NodeBuiltins,
  platform: Platform,
): string | null {
  const files: PackageFiles = {
    platform,
    read: (path) => attempt(() => fs.readFileSync(path, "utf8")) ?? null,
    isFile: (path) => fs.statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  };
  const conditions = conditionsOf(process.execArgv, process.env["NODE_OPTIONS"] ?? "", process.versions);
  for (const directory of directories) {
    const require = module.createRequire(joinPath(platform, directory, "from.js"));
    const path =
      resolveFrom(specifier, directory, files, conditions) ?? attempt(() => require.resolve(specifier));
    // The resolved path has its links followed, as in Node's imports: else one module would load twice.
    if (path !== undefined && isAbsolutePath(platform, path)) return fileUrl(platform, fs.realpathSync(path));
  }
  return null;
}

/** Undefined where the environment refuses: a missing permission, a directory that is gone. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
