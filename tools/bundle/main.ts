// node tools/bundle/main.ts: writes the JavaScript of every package to its `dist`, after `tsc -b` wrote the types.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, publishedPackages } from "./bundle.ts";
import { compileAtLoad } from "./eager.ts";
import { preparedCode, withPrepared } from "./prepared.ts";
import { profile } from "./profile.ts";

const root = join(import.meta.dirname, "../../packages");

const packages = publishedPackages();
for (const entry of packages) await bundle(entry);

const bundled = packages.filter(({ preserveModules }) => !preserveModules);
for (const [url, offsets] of Object.entries(profile())) {
  if (!url.startsWith("file:")) continue;
  const file = fileURLToPath(url);
  if (!bundled.some(({ folder }) => file.startsWith(join(folder, "dist")))) continue;
  const label = relative(root, file).replaceAll(/\W/g, "_");
  writeFileSync(file, compileAtLoad(readFileSync(file, "utf8"), new Set(offsets), label));
}

// After the profile: what emits code counts as called, since models of other kinds call it.
const engine = join(root, "backend-cpu/dist/index.js");
writeFileSync(engine, withPrepared(readFileSync(engine, "utf8"), preparedCode()));
