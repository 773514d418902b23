import type { ConfigHost } from "./host.ts";
import type { BackendRegistry } from "./registry.ts";
import { sharedRegistry } from "./registry.ts";

/** The parts of a page or worker that the configuration reads; a worker and an edge runtime lack some. */
interface PageScope {
  readonly document?:
    | {
        readonly baseURI: string;
        querySelector(selectors: string): { readonly textContent: string | null } | null;
      }
    | undefined;
  readonly location?: { readonly href: string; readonly search: string } | undefined;
}

/** What takes the place of the page's own, for tests. */
export interface BrowserHostOptions {
  readonly scope?: PageScope;
  readonly registry?: BackendRegistry;
  /** Gives the URL of a bare name, by the page's import map; throws for an unknown one. */
  readonly resolve?: ((specifier: string) => string) | undefined;
  readonly importModule?: (url: string) => Promise<unknown>;
  readonly writeError?: (line: string) => void;
}

/** A page, a worker or an edge runtime: no environment and no files. */
export function browserHost(options: BrowserHostOptions = {}): ConfigHost {
  const scope: PageScope = options.scope ?? globalThis;
  const resolve = "resolve" in options ? options.resolve : importMapResolver();
  return {
    platform: "browser",
    registry: options.registry ?? sharedRegistry(),
    limits: [],
    env: () => undefined,
    cwd: () => scope.document?.baseURI ?? scope.location?.href ?? "about:blank",
    userDirectory: () => null,
    entryScript: () => null,
    coreDirectory: () => null,
    readFile: () => null,
    createFile: refuse,
    makeDirectory: refuse,
    exists: () => false,
    isWritable: () => false,
    resolvePackage: (specifier) => {
      try {
        return resolve?.(specifier) ?? null;
      } catch {
        return null; // A name that the import map does not have.
      }
    },
    importModule: options.importModule ?? ((url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url)),
    // The console's quieter level: the notice is no error, and pages have no stderr.
    writeError: options.writeError ?? ((line) => console.info(line)),
    pageConfig: () =>
      scope.document?.querySelector('script[type="application/json"][id="keras.json"]')?.textContent ?? null,
    pageBackend: () => new URLSearchParams(scope.location?.search ?? "").get("backend"),
  };
}

/** Undefined where modules cannot resolve names: older browsers, bundles of another format. */
function importMapResolver(): ((specifier: string) => string) | undefined {
  return typeof import.meta.resolve === "function"
    ? (specifier) => import.meta.resolve(specifier)
    : undefined;
}

function refuse(): never {
  throw new Error("there are no files here");
}
