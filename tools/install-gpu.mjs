// node tools/install-gpu.mjs [20 22 24]: installs polykeras and @polykeras/backend-gpu with npm as a user would, with
// install scripts and optional packages, where there is no compiler, no Python and no host but the registry; then
// trains on gpu:webasm there, also beside a package `webgpu` that cannot be loaded. On the Node that runs this, or on
// these versions, which come from npm as well. Needs `npm run build` first.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { packAll, root, userManifest } from "./pack.mjs";

const names = ["polykeras", "@polykeras/backend-gpu"];
/** The npm that comes with each version of Node. */
const npmOf = (version) => (Number(version) >= 24 ? "npm@11" : "npm@10");

/** What npm says of the user's own configuration is not about us. */
const noise = /^npm warn Unknown (?:user|env|project) config/;

const work = mkdtempSync(join(tmpdir(), "polykeras-gpu-"));
const registry = execFileSync("npm", ["config", "get", "registry"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
});
const versions = process.argv.slice(2);
try {
  const packed = packAll(join(work, "packed"));
  for (const version of versions.length > 0 ? versions : [process.versions.node.split(".")[0]])
    check(version, packed);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function check(version, packed) {
  const folder = join(work, version);
  const { node, npm } = nodeOf(version, join(folder, "node"));
  const app = join(folder, "app");
  const bin = join(folder, "bin");
  for (const made of [app, bin]) mkdirSync(made, { recursive: true });
  // Scripts of packages find a shell and Node, and nothing to compile with.
  symlinkSync(node, join(bin, "node"));
  symlinkSync("/bin/sh", join(bin, "sh"));
  const log = join(folder, "refused");
  writeFileSync(log, "");
  const environment = {
    ...process.env,
    PATH: bin,
    NODE_OPTIONS: `--import=${pathToFileURL(join(root, "tools/fixtures/only-registry.mjs")).href}`,
    ONLY_HOSTS: new URL(registry.trim()).hostname,
    ONLY_LOG: log,
  };
  writeFileSync(
    join(app, "package.json"),
    JSON.stringify(userManifest(Object.fromEntries(names.map((name) => [name, "*"])), packed)),
  );
  const start = Date.now();
  const run = spawnSync(node, [npm, "install", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: app,
    env: environment,
    encoding: "utf8",
  });
  const said = `${run.stdout}${run.stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "" && !noise.test(line));
  console.log(
    `npm on Node ${version}, after ${((Date.now() - start) / 1000).toFixed(1)} s: ${said.join("\n")}`,
  );
  if (run.status !== 0) throw new Error(`npm install ended with ${run.status}`);
  const warnings = said.filter((line) => /warn|error/i.test(line));
  if (warnings.length > 0) throw new Error(`npm install is not silent: ${warnings.join("\n")}`);
  const refused = readFileSync(log, "utf8");
  if (refused !== "") throw new Error(`the install asked for more than npm: ${refused}`);

  const modules = join(app, "node_modules");
  const foreign = readdirSync(modules).filter((name) => !/^(?:polykeras|@polykeras|\..*)$/.test(name));
  if (foreign.length > 0) throw new Error(`the install brought ${foreign.join(", ")}`);
  console.log(
    `node_modules: ${(bytesIn(modules) / 2 ** 20).toFixed(1)} MiB, ${readdirSync(join(modules, "@polykeras")).join(", ")}`,
  );

  const script = join(app, "train.mjs");
  writeFileSync(script, readFileSync(join(root, "tools/fixtures/train-gpu.mjs")));
  const train = () =>
    execFileSync(node, [script], {
      cwd: app,
      env: { ...process.env, PATH: bin },
      stdio: ["ignore", "inherit", "inherit"],
    });
  train();
  // As where its binary is for another platform, or was not downloaded.
  mkdirSync(join(modules, "webgpu"));
  writeFileSync(
    join(modules, "webgpu/package.json"),
    JSON.stringify({ name: "webgpu", version: "0.6.2", main: "index.js" }),
  );
  writeFileSync(join(modules, "webgpu/index.js"), 'require("./dist/dawn.node");\n');
  train();
}

/** A Node of that major version and its npm, both from the registry. */
function nodeOf(version, folder) {
  const platform = `node-${process.platform}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const wanted = [`${platform}@${version}`, npmOf(version)];
  execFileSync(
    "npm",
    ["install", ...wanted, "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"],
    {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const node = join(folder, "node_modules", platform, "bin/node");
  if (!existsSync(node))
    throw new Error(`${platform}@${version} has no ${node.slice(dirname(folder).length)}`);
  return { node, npm: join(folder, "node_modules/npm/bin/npm-cli.js") };
}

function bytesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length, 0);
}
