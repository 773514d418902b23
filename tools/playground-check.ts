import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { preview } from "vite";
import { softwareGpu } from "./chromium.ts";

// Serves the built playground as a web server would, lets it train, and reads the table that it shows; then it
// chooses the engines of GPUs, which here have a software rasteriser. The bundle is minified, and its training losses
// must be those of Node from source, to the last bit on cpu.
// The page says how it stands in `<html data-state="running|done|failed">`; its results are the rows of
// `#comparison tbody`, one for each backend: name, seconds, loss, accuracy.
// An argument is the file that a picture of the page goes to.

const first = ["cpu", "tfjs:wasm"];
const second = ["gpu:webgpu", "gpu:webgl2"];
const [picture] = process.argv.slice(2);
const server = await preview({
  root: fileURLToPath(new URL("../apps/playground", import.meta.url)),
  preview: { port: 0, strictPort: false },
});
const browser = await chromium.launch(softwareGpu);
try {
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("vite preview has no address");
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error in the page: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`the page's console: ${message.text()}`);
  });
  await page.goto(url);
  const check = async (engines: readonly string[]): Promise<void> => {
    await page.waitForSelector("html[data-state=done], html[data-state=failed]", {
      state: "attached",
      timeout: 120_000,
    });
    if ((await page.locator("html").getAttribute("data-state")) !== "done")
      problems.push("the page ended in the state 'failed'");
    const rows = await page.locator("#comparison tbody tr").allInnerTexts();
    console.log(rows.join("\n"));
    if (rows.length !== engines.length) problems.push(`${rows.length} rows, expected ${engines.length}`);
    for (const name of engines) {
      const row = rows.find((text) => text.startsWith(name));
      const numbers = row?.match(/\d+(\.\d+)?(e-?\d+)?/g) ?? [];
      if (row === undefined) problems.push(`no row for ${name}`);
      else if (numbers.length < 3 || /NaN|Infinity/.test(row)) problems.push(`row without numbers: ${row}`);
    }
  };
  await check(first);
  for (const [name, apart] of [
    ["cpu", 0],
    ["tfjs:wasm", 1e-6],
  ] as const) {
    const row = page.locator("#comparison tbody tr", { hasText: name });
    const problem = difference(await row.getAttribute("data-losses"), await lossesInNode(name), apart);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
  }
  for (const name of first) await page.locator(`input[value="${name}"]`).uncheck();
  for (const name of second) await page.locator(`input[value="${name}"]`).check();
  await page.locator("input[name=epochs]").fill("5");
  await page.locator("button[type=submit]").click();
  await page.waitForSelector("html[data-state=running]", { state: "attached" });
  await check(second);
  if (picture !== undefined) await page.screenshot({ path: picture });
  if (problems.length > 0) throw new Error(problems.join("\n"));
} finally {
  await browser.close();
  await server.close();
}

/** Runs the demo's program from source in a Node of its own. */
async function lossesInNode(engine: string): Promise<readonly number[]> {
  const child = fork(fileURLToPath(new URL("../apps/demo/src/child.ts", import.meta.url)), ["mlp"], {
    env: { ...process.env, KERAS_BACKEND: engine },
    execArgv: ["--conditions=@polykeras/source"],
  });
  const [message]: readonly { readonly result?: { readonly losses: readonly number[] } }[] = await once(
    child,
    "message",
  );
  if (!message?.result) throw new Error(`the demo in Node sent no losses of ${engine}`);
  return message.result.losses;
}

/** What is wrong with the losses that a page shows, which may lie that far from Node's, relatively. */
function difference(shown: string | null, wanted: readonly number[], apart: number): string | undefined {
  const losses: unknown = JSON.parse(shown ?? "null");
  if (!Array.isArray(losses) || losses.length !== wanted.length || wanted.length < 10)
    return `${shown} are not the losses of ${wanted.length} epochs`;
  const far = Math.max(...wanted.map((loss, i) => Math.abs(Number(losses[i]) / loss - 1)));
  console.log(`largest relative distance of a training loss from Node's: ${far}`);
  return far <= apart ? undefined : `losses ${losses.join(", ")}, in Node ${wanted.join(", ")}`;
}
