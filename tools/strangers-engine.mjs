// node tools/strangers-engine.mjs: does what the author of an engine would. Installs the packed suite with npm into an
// empty folder, puts tools/fixtures/acme.ts there, an engine in one file that was written from the guide alone, and
// runs `npx @polykeras/backend-conformance ./acme.ts`, which must pass in under a minute. Needs `npm run build` first.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { install, packAll, root } from "./pack.mjs";

const limit = 60;
const work = mkdtempSync(join(tmpdir(), "polykeras-stranger-"));
try {
  const packed = packAll(join(work, "packed"));
  const folder = join(work, "acme");
  mkdirSync(folder);
  install(folder, { "@polykeras/backend-conformance": "*", "@polykeras/core": "*" }, packed);
  cpSync(join(root, "tools/fixtures/acme.ts"), join(folder, "acme.ts"));
  // The workspace's Node runs TypeScript files; the machine's own may be older.
  const path = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const start = Date.now();
  const { status } = spawnSync("npx", ["--no-install", "backend-conformance", "./acme.ts"], {
    cwd: folder,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const seconds = (Date.now() - start) / 1000;
  console.log(`a stranger's engine: exit code ${status} after ${seconds.toFixed(1)} s, of ${limit} allowed`);
  if (status !== 0 || seconds > limit) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
