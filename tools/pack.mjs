import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The repository's root folder. */
export const root = join(import.meta.dirname, "..");

/** The folders of the published packages, with their manifests. */
export function packages() {
  return readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
    }));
}

/** Packs every published package as a release would; returns each package's name with its tarball. */
export function packAll(destination) {
  mkdirSync(destination, { recursive: true });
  const command = ["-y", "pnpm@12.21.0", "--recursive", "--filter", "./packages/*", "pack"];
  execFileSync("npx", [...command, "--pack-destination", destination], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return packages().map(({ folder, manifest }) => {
    const file = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`;
    const tarball = join(destination, file);
    if (!existsSync(tarball)) throw new Error(`pnpm pack made no ${file}`);
    return { name: manifest.name, folder, manifest, tarball };
  });
}

/**
 * The package.json of a user who depends on `dependencies` (name to range). Ours come from the tarballs in `packed`,
 * also where one of them needs another, never from a registry.
 */
export function userManifest(dependencies, packed) {
  const ours = packed.map(({ name, tarball }) => [name, `file:${tarball}`]);
  return {
    name: "installed",
    private: true,
    type: "module",
    dependencies: { ...dependencies, ...Object.fromEntries(ours.filter(([name]) => name in dependencies)) },
    overrides: Object.fromEntries(ours.filter(([name]) => !(name in dependencies))),
  };
}

/** Installs what `userManifest` names into `folder`. No install script runs: polykeras promises an install without a native build. */
export function install(folder, dependencies, packed) {
  writeFileSync(join(folder, "package.json"), JSON.stringify(userManifest(dependencies, packed)));
  const options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--prefer-offline"];
  execFileSync("npm", ["install", ...options], { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
}
