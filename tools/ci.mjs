// node tools/ci.mjs: runs every check in turn and adds up what passed and what failed.
// A check counts as one; a test run counts as many as its reporter wrote. What did not run never counts as passed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..");
const pnpm = ["npx", "-y", "pnpm@12.21.0"];
const chromium = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

// Tools run on the Node that the workspace installs; what users run, on the machine's own.
const toolEnvironment = {
  ...process.env,
  PATH: [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
};

/** Each check: its name, its command, and how it runs. `report` names the counts that a test run leaves. */
const checks = [
  { name: "install", command: [...pnpm, "install", "--frozen-lockfile"], required: true },
  { name: "types", command: ["tsc", "-b"], tool: true },
  { name: "bundles", command: ["node", "tools/bundle/main.ts"], tool: true },
  { name: "bundles train as the sources do", command: ["node", "tools/bundle/check.ts"], tool: true },
  { name: "lint", command: ["oxlint", "--deny-warnings"], tool: true },
  { name: "format", command: ["oxfmt", "--check", "."], tool: true },
  { name: "knip", command: ["knip"], tool: true },
  {
    name: "docs/dtypes.md is what the functions do",
    command: ["node", "--conditions=@polykeras/source", "tools/dtypes.ts", "--check"],
    tool: true,
  },
  { name: "tests", command: ["npm", "test"], report: "tests" },
  { name: "tests in full", command: ["npm", "run", "test:full"], report: "full", minutes: 12 },
  { name: "demo from source", command: ["npm", "start"], minutes: 3 },
  { name: "built packages run the demo", command: ["node", "tools/built-demo.mjs"] },
  { name: "each package installed alone", command: ["node", "tools/install-alone.mjs"] },
  {
    name: "backend-gpu installed without compiler, on each Node",
    command: ["node", "tools/install-gpu.mjs", "20", "22", "24"],
  },
  { name: "a stranger's engine in one file", command: ["node", "tools/strangers-engine.mjs"] },
  { name: "package contents", command: ["node", "tools/package-lint.mjs"] },
  { name: "versions and peer ranges", command: ["node", "tools/changeset-peers.mjs"] },
  { name: "chromium", prepare: installChromium },
  {
    name: "browser tests",
    command: ["vitest", "run", "--config", "vitest.browser.config.ts"],
    tool: true,
    report: "browser",
  },
  {
    name: "WebGPU in Node",
    command: ["vitest", "run", "--config", "vitest.dawn.config.ts"],
    tool: true,
    report: "dawn",
  },
  { name: "playground build", command: ["vite", "build", "apps/playground"], tool: true },
  { name: "playground", command: ["node", "tools/playground-check.ts"], tool: true, minutes: 10 },
  { name: "content security policies", command: ["node", "tools/csp-check.ts"], tool: true },
];

/** Resolves to the exit code; a command past its time is killed with its children and counts as failed. */
function run({ command: [program, ...args], tool = false, minutes = 6 }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: tool ? toolEnvironment : process.env,
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const timer = setTimeout(() => {
      console.log(`stopped after ${minutes} minutes`);
      process.kill(-child.pid, "SIGKILL");
    }, minutes * 60_000);
    const end = (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    };
    child.on("error", (error) => {
      console.log(error.message);
      end(1);
    });
    child.on("exit", end);
  });
}

/** Debian's chromium, by apt where it is missing. The browser tests must run, so failing here is a failure. */
function installChromium() {
  if (existsSync(chromium)) return 0;
  const apt = (...args) =>
    spawnSync("apt-get", args, {
      stdio: "inherit",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update", "-q");
  apt("install", "-y", "-q", "--no-install-recommends", "chromium", "libvulkan1");
  if (existsSync(chromium)) return 0;
  console.log(
    "chromium is missing and apt-get could not install it; install it, or set CHROMIUM to its path",
  );
  return 1;
}

/** What the test run's reporter counted; a run that ended badly fails even where each counted test passed. */
function counted(report, code) {
  const file = join(root, `.reports/${report}.json`);
  const {
    passed,
    failed,
    failures = [],
  } = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { passed: 0, failed: 1, failures: ["left no counts"] };
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed, failures };
}

const total = { passed: 0, failed: 0 };
const lines = [];
rmSync(join(root, ".reports"), { recursive: true, force: true });
for (const check of checks) {
  console.log(`\n== ${check.name}`);
  const start = Date.now();
  const code = check.prepare ? check.prepare() : await run(check);
  const { passed, failed, failures } = check.report
    ? counted(check.report, code)
    : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, failures: [] };
  total.passed += passed;
  total.failed += failed;
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  lines.push(
    `${failed === 0 ? "ok    " : "FAILED"} ${check.name}: ${passed} passed, ${failed} failed, ${seconds} s`,
    ...failures.map((failure) => `       ${failure}`),
  );
  if (check.required && failed > 0) break;
}
console.log(`\n${lines.join("\n")}\n`);
if (total.passed === 0 && total.failed === 0) total.failed = 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
