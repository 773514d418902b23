import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
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
