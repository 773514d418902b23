// node tools/changeset-peers.mjs: runs `changeset version` on a copy of the manifests and looks at what it made.
// A release of core must neither lift an engine to a new major version nor split the family into several versions
// (docs/adr/0002-versions-and-peer-ranges.md).
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { packages, root } from "./pack.mjs";

const before = packages();

/** The manifests after a release in which `name` has a change of `type`, by package name. */
function versions(name, type) {
  const work = mkdtempSync(join(tmpdir(), "polykeras-versions-"));
  try {
    for (const file of ["package.json", "pnpm-workspace.yaml"]) cpSync(join(root, file), join(work, file));
    mkdirSync(join(work, ".changeset"));
    cpSync(join(root, ".changeset/config.json"), join(work, ".changeset/config.json"));
    for (const { folder } of before) {
      mkdirSync(join(work, "packages", basename(folder)), { recursive: true });
      cpSync(join(folder, "package.json"), join(work, "packages", basename(folder), "package.json"));
    }
    writeFileSync(join(work, ".changeset/trial.md"), `---\n"${name}": ${type}\n---\n\nA trial.\n`);
    const git = (...args) => execFileSync("git", args, { cwd: work, stdio: "ignore" });
    git("init", "-q", "-b", "main");
    git("add", "-A");
    git("-c", "user.name=trial", "-c", "user.email=trial@localhost", "commit", "-q", "-m", "Trial");
    execFileSync(join(root, "node_modules/.bin/changeset"), ["version"], { cwd: work, stdio: "ignore" });
    return new Map(
      before.map(({ folder, manifest }) => {
        const file = join(work, "packages", basename(folder), "package.json");
        return [manifest.name, JSON.parse(readFileSync(file, "utf8")).version];
      }),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const problems = [];
for (const [name, type] of [
  ["@polykeras/core", "patch"],
  ["@polykeras/core", "minor"],
  ["@polykeras/backend-cpu", "minor"],
]) {
  const after = versions(name, type);
  const made = [...new Set(after.values())].join(", ");
  console.log(`a ${type} of ${name} makes ${made}`);
  for (const { manifest } of before) {
    const version = after.get(manifest.name);
    if (version === manifest.version)
      problems.push(`a ${type} of ${name} left ${manifest.name} at ${version}`);
    if (version.split(".")[0] !== manifest.version.split(".")[0])
      problems.push(`a ${type} of ${name} lifts ${manifest.name} from ${manifest.version} to ${version}`);
  }
  if (new Set(after.values()).size !== 1) problems.push(`a ${type} of ${name} splits the family: ${made}`);
}
for (const { manifest } of before) {
  const range = manifest.peerDependencies?.["@polykeras/core"];
  if (range !== undefined && range !== "workspace:^")
    problems.push(`${manifest.name} has peer @polykeras/core at "${range}"; expected "workspace:^"`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}
