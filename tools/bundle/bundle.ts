import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "../..");

/** A published package: its folder and the modules that its exports and commands name, by their place in `dist`. */
export interface Package {
  readonly name: string;
  readonly folder: string;
  /** Source file by the name of its output without `.js`, such as "cli/main". */
  readonly entries: Readonly<Record<string, string>>;
  /** A command's modules find the files of their package by their own place, so each stays a file. */
  readonly preserveModules: boolean;
  /** Packages that it does not depend on once it is published: those that its sources import become part of it. */
  readonly included: ReadonlySet<string>;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly default?: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The packages of the folder `packages`, in alphabetical order. */
export function publishedPackages(): Package[] {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  return folders.filter((folder) => existsSync(join(folder, "package.json"))).map(readPackage);
}

function readPackage(folder: string): Package {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const targets = Object.values(manifest.exports ?? {}).map((target) =>
    typeof target === "string" ? target : target.default,
  );
  const entries: Record<string, string> = {};
  for (const target of [...targets, ...Object.values(manifest.bin ?? {})]) {
    const path = /^\.\/dist\/(.+)\.js$/.exec(target ?? "")?.[1];
    if (path !== undefined) entries[path] = join(folder, "src", `${path}.ts`);
  }
  const { name, bin, dependencies, devDependencies, peerDependencies } = manifest;
  const kept = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const included = new Set(Object.keys(devDependencies ?? {}).filter((other) => !kept.has(other)));
  return { name, folder, entries, preserveModules: bin !== undefined, included };
}

/**
 * Writes the JavaScript of a package to its `dist`. What it imports from packages that it depends on stays an import;
 * others become part of it, as they are for browsers.
 */
export async function bundle({ folder, entries, preserveModules, included }: Package): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input: { ...entries },
    external: (id) => !/^[./]/.test(id) && !included.has(id),
    platform: "neutral",
    resolve: { mainFields: ["browser", "main"] },
    // An op that no function of K is made of is one all the same: engines and the conformance suite ask for it by name.
    treeshake: { moduleSideEffects: () => true },
    tsconfig: false,
  });
  const { output } = await build.generate({
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: preserveModules ? "[name].js" : "shared-[name].js",
    preserveModules,
    preserveModulesRoot: join(folder, "src"),
    comments: { annotation: true, legal: true, jsdoc: false },
  });
  await build.close();
  const dist = join(folder, "dist");
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" }))
    if (/\.js(\.map)?$/.test(path)) rmSync(join(dist, path));
  for (const file of output) {
    if (file.type !== "chunk") continue;
    const path = join(dist, file.fileName);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.code);
  }
}
