import type { Platform } from "./host.ts";
import { packageOf } from "./names.ts";
import type { Conditions } from "./node-exports.ts";
import { exportTarget, isRecord } from "./node-exports.ts";
import { joinPath, parentPath } from "./paths.ts";

/** The part of a file system that looking up packages takes. */
export interface PackageFiles {
  readonly platform: Platform;
  /** Null when it is no file. */
  read(path: string): string | null;
  isFile(path: string): boolean;
}

/**
 * The file that `import specifier` would load from `directory`, by Node's rules for ES modules: the package of
 * the directory itself where it has the name and exports, else node_modules of the directory and its parents.
 * Null when there is none. Of a package without `exports`, a subpath may leave out its extension.
 */
export function resolveFrom(
  specifier: string,
  directory: string,
  files: PackageFiles,
  conditions: Conditions,
): string | null {
  const name = packageOf(specifier);
  if (name === null) return null;
  const subpath = `.${specifier.slice(name.length)}`;
  for (let at: string | null = directory; at !== null; at = parentPath(files.platform, at)) {
    const own = readManifest(at, files);
    if (own?.["name"] === name && own["exports"] !== undefined)
      return entryOf(at, own, subpath, files, conditions);
    const place = under(files, at, `node_modules/${name}`);
    const manifest = readManifest(place, files);
    if (manifest !== null) return entryOf(place, manifest, subpath, files, conditions);
  }
  return null;
}

function entryOf(
  directory: string,
  manifest: Readonly<Record<string, unknown>>,
  subpath: string,
  files: PackageFiles,
  conditions: Conditions,
): string | null {
  const { exports, main } = manifest;
  if (exports !== undefined && exports !== null) {
    const target = exportTarget(exports, subpath, conditions);
    const path = target === null ? null : under(files, directory, target.slice(2));
    return path !== null && files.isFile(path) ? path : null;
  }
  const entry =
    subpath === "." ? (typeof main === "string" ? main.replace(/^\.\//, "") : "index") : subpath.slice(2);
  const endings = ["", ".js", ".mjs", ".cjs", "/index.js", "/index.mjs"];
  return (
    endings.map((ending) => under(files, directory, entry + ending)).find((path) => files.isFile(path)) ??
    null
  );
}

function readManifest(directory: string, files: PackageFiles): Readonly<Record<string, unknown>> | null {
  const text = files.read(under(files, directory, "package.json"));
  if (text === null) return null;
  try {
    const manifest: unknown = JSON.parse(text);
    return isRecord(manifest) ? manifest : null;
  } catch {
    return null; // A broken manifest is no package; the lookup goes on above it.
  }
}

/** A slashed path inside a directory, in the platform's own form. */
function under(files: PackageFiles, directory: string, path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "")
    .reduce((parent, part) => joinPath(files.platform, parent, part), directory);
}
