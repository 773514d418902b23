// node tools/package-lint.mjs: publint and attw on every packed package, as it would be published.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packAll, root } from "./pack.mjs";

const work = mkdtempSync(join(tmpdir(), "polykeras-lint-"));
const bin = (name) => join(root, "node_modules/.bin", name);
const call = (command, args, name) => {
  const { status } = spawnSync(bin(command), args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  console.log(`${name}: ${command} failed`);
  process.exitCode = 1;
};
try {
  for (const { name, tarball } of packAll(work)) {
    console.log(name);
    call("publint", ["--strict", tarball], name);
    call("attw", [tarball, "--profile", "esm-only", "--format", "ascii", "--quiet"], name);
    const listing = spawnSync("tar", ["-tzf", tarball], { encoding: "utf8" }).stdout.split("\n");
    const stray = listing.filter((path) => /\.test\.|\/fixtures\/|\.tsbuildinfo$/.test(path));
    if (listing.length < 4 || stray.length > 0) {
      console.log(`${name}: unexpected contents: ${stray.join(", ") || listing.join(", ")}`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
