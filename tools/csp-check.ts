import { type Server, createServer } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { build } from "vite";
import type { CspResult } from "../apps/playground/csp/main.ts";
import { softwareGpu } from "./chromium.ts";

// node tools/csp-check.ts: trains on each engine in chromium, in a page with a Content-Security-Policy, and holds it to
// the table in docs/browsers.md. Under the directives of the table an engine trains; without any one of them it does
// not, or the reference engine does. Everything else is forbidden: default-src 'none'; script-src 'self'.

const root = fileURLToPath(new URL("..", import.meta.url));

/** A source that has to be added to a directive of the strict policy. */
interface Need {
  readonly directive: "script-src" | "connect-src";
  readonly source: string;
}

/** What an engine needs, and what comes of it where a source is missing. */
interface Row {
  readonly needs: readonly Need[];
  readonly otherwise: "reference" | "an error";
}

/** What has to have a row. */
const engines: readonly string[] = [
  "cpu",
  "reference",
  "tfjs:wasm",
  "tfjs:cpu",
  "tfjs:webgl",
  "tfjs:webgpu",
  "gpu:webgpu",
  "gpu:webgl2",
  "gpu:webasm",
];

/** The rows of the table: "| `cpu` | `script-src 'wasm-unsafe-eval'` | `reference` stands in |". */
async function table(): Promise<ReadonlyMap<string, Row>> {
  const page = await readFile(join(root, "docs/browsers.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z]+(?::[a-z0-9]+)?)` +\| (.*?) +\| (.*?) +\|$/gm)];
  return new Map(
    rows.map(([, engine = "", cell = "", otherwise = ""]) => {
      const needs = [...cell.matchAll(/`([a-z]+-src) ([^`]+)`/g)].map(([, directive, source = ""]): Need => ({
        directive: asDirective(directive),
        source,
      }));
      return [engine, { needs, otherwise: otherwise.includes("`reference`") ? "reference" : "an error" }];
    }),
  );
}

function asDirective(name: string | undefined): Need["directive"] {
  if (name === "script-src" || name === "connect-src") return name;
  throw new Error(`unknown directive ${name}`);
}

function policy(needs: readonly Need[]): string {
  const sources = (directive: Need["directive"], ...given: string[]): string =>
    [...given, ...needs.filter((need) => need.directive === directive).map(({ source }) => source)].join(" ");
  const connect = sources("connect-src");
  const lines = ["default-src 'none'", `script-src ${sources("script-src", "'self'")}`];
  return [...lines, ...(connect === "" ? [] : [`connect-src ${connect}`])].join("; ");
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** Serves the built page under the policy that its address names in `policy`. Scripts need no header. */
async function serve(folder: string): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    readFile(join(folder, pathname)).then(
      (data) => {
        response.setHeader("content-type", types[extname(pathname)] ?? "application/octet-stream");
        const given = searchParams.get("policy");
        if (given !== null) response.setHeader("content-security-policy", given);
        response.end(data);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no address");
  return { server, url: `http://127.0.0.1:${address.port}/csp/index.html` };
}

async function trainUnder(browser: Browser, url: string, engine: string, csp: string): Promise<CspResult> {
  const page = await browser.newPage();
  try {
    await page.goto(`${url}?${new URLSearchParams({ engine, policy: csp }).toString()}`);
    const shown = page.locator("html[data-result]");
    await shown.waitFor({ state: "attached", timeout: 60_000 });
    const result: CspResult = JSON.parse((await shown.getAttribute("data-result")) ?? "");
    return result;
  } finally {
    await page.close();
  }
}

/** Trained on the engine itself, all of it. */
function isRight(engine: string, { engine: ran, losses, hostSteps }: CspResult): boolean {
  return ran === engine && hostSteps === 0 && losses.length === 5 && losses[4]! < losses[0]!;
}

const folder = await mkdtemp(join(tmpdir(), "polykeras-csp-"));
const browser = await chromium.launch(softwareGpu);
let running: Server | undefined;
try {
  await build({
    root: join(root, "apps/playground"),
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: { input: join(root, "apps/playground/csp/index.html") },
    },
  });
  const { server, url } = await serve(folder);
  running = server;
  const problems: string[] = [];
  const documented = await table();
  const missing = engines.filter((engine) => !documented.has(engine));
  if (missing.length > 0 || documented.size !== engines.length)
    problems.push(
      `docs/browsers.md has rows for ${[...documented.keys()].join(", ")}, not ${engines.join(", ")}`,
    );
  for (const [engine, { needs, otherwise }] of documented) {
    const shown = (of: readonly Need[]): string => `${engine} under ${policy(of)}`;
    const result = await trainUnder(browser, url, engine, policy(needs));
    console.log(`${shown(needs)}: ran on ${result.engine}`);
    if (!isRight(engine, result)) problems.push(`${shown(needs)}: ${JSON.stringify(result)}`);
    for (const left of needs) {
      const others = needs.filter((need) => need !== left);
      const without = await trainUnder(browser, url, engine, policy(others));
      console.log(`${shown(others)}: ${without.error === "" ? `ran on ${without.engine}` : "failed"}`);
      const wanted = otherwise === "reference" ? isRight("reference", without) : without.error !== "";
      if (!wanted) problems.push(`${shown(others)}: ${JSON.stringify(without)}, expected ${otherwise}`);
      // The notice, or the error, tells what to allow.
      if (
        otherwise === "reference" &&
        !without.why.includes(`add ${left.source} to the directive ${left.directive}`)
      )
        problems.push(`${shown(others)}: explain() does not name the directive: ${without.why}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
} finally {
  running?.close();
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
