// node tools/built-demo.mjs: installs the packed packages with npm into an empty folder, as a user would,
// and runs the compiled demo there on the Node that runs this script. Needs `npm run build` first.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, packAll, root } from "./pack.mjs";

const demo = join(root, "apps/demo");
if (!existsSync(join(demo, "dist/main.js"))) {
  console.error("apps/demo/dist/main.js is missing: write apps/demo/src/main.ts, then run `npm run build`");
  process.exit(1);
}
const work = mkdtempSync(join(tmpdir(), "polykeras-built-"));
try {
  const packed = packAll(join(work, "packed"));
  const app = join(work, "app");
  mkdirSync(app);
  // Data files and whatever else the demo reads travel with it; its TypeScript does not.
  const left = new Set([join(demo, "node_modules"), join(demo, "src")]);
  cpSync(demo, app, { recursive: true, filter: (path) => !left.has(path) });

  const { dependencies } = JSON.parse(readFileSync(join(demo, "package.json"), "utf8"));
  install(app, dependencies, packed);
  console.log(`the built demo on Node ${process.version}`);
  const home = join(work, "home");
  mkdirSync(home);
  const start = Date.now();
  execFileSync(process.execPath, ["dist/main.js"], {
    cwd: app,
    env: { ...process.env, HOME: home, USERPROFILE: home },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 180_000,
  });
  console.log(`the built demo ended after ${((Date.now() - start) / 1000).toFixed(1)} s`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
