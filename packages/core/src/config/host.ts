import type { BackendRegistry } from "./registry.ts";

export type Platform = "linux" | "darwin" | "win32" | "browser";

/**
 * Everything of the world that the configuration touches. The rules are pure functions over a host, so that
 * each platform's behaviour is tested on every platform. "browser" also stands for edge runtimes: no files.
 */
export interface ConfigHost {
  readonly platform: Platform;
  /** Backends that `registerBackend` announced; consulted before any package is looked up. */
  readonly registry: BackendRegistry;
  /** What this host cannot do and a user may wonder about, one sentence each; shown by explain(). */
  readonly limits: readonly string[];
  /** Undefined when not set or not readable. */
  env(name: string): string | undefined;
  /** The working directory; in a page the base URL. */
  cwd(): string;
  /** The home directory of the user database, used where the environment does not name one. */
  userDirectory(): string | null;
  /** The absolute path of the script that was started. */
  entryScript(): string | null;
  /** The directory that this package's code lies in. */
  coreDirectory(): string | null;
  /** Null when absent. Throws a SyntaxError for bytes that are not UTF-8; keeps a byte order mark. */
  readFile(path: string): string | null;
  /** Creates a file in one step (written aside, then moved); leaves an existing one alone. May throw. */
  createFile(path: string, text: string): void;
  /** Makes a directory and its parents. May throw. */
  makeDirectory(path: string): void;
  exists(path: string): boolean;
  isWritable(path: string): boolean;
  /** The URL that importing `specifier` from one of the directories gives, the first that has it. */
  resolvePackage(specifier: string, fromDirectories: readonly string[]): string | null;
  importModule(url: string): Promise<unknown>;
  /** Writes a line to stderr, or to the console. */
  writeError(line: string): void;
  /** The text of the page's `<script type="application/json" id="keras.json">`. */
  pageConfig(): string | null;
  /** The value of `?backend=` in the page's address. */
  pageBackend(): string | null;
}
