import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { build } from "vite";
import { softwareGpu } from "./chromium.ts";
import { PlaygroundPage, type Row, playground, servePlayground } from "./playground-page.ts";

// Serves the built playground, which is minified, and lets it train in chromium, on GPUs in a software rasteriser:
// - the MLP as the page opens, on cpu and tfjs:wasm, with the losses of Node from source;
// - the MLP on the engines of gpu.js, with the losses of a bundle of the same sources that is not minified;
// - the digits on WebGPU and WebGL2, until their test pictures are told apart (with POLYKERAS_LONG=1 as long as in Node).
// An argument is the file that a picture of the page goes to.

const modes = ["webgpu", "webgl2", "webasm"];
/** The least accuracy on the test pictures of the digits, as in `npm start`. */
const wanted = 0.96;
const epochs = process.env["POLYKERAS_LONG"] ? 20 : 8;
const [picture] = process.argv.slice(2);
const built = join(playground, "dist");
const plain = await mkdtemp(join(tmpdir(), "polykeras-playground-"));
const problems: string[] = [];
const browser = await chromium.launch(softwareGpu);
try {
  await build({
    root: playground,
    logLevel: "warn",
    build: { minify: false, outDir: plain, emptyOutDir: true },
  });
  const [small, large] = [await sizeOfScripts(built), await sizeOfScripts(plain)];
  console.log(`scripts of ${small} bytes, not minified ${large}`);
  if (small > large * 0.75) problems.push("the bundle in dist is not minified");

  const engines = modes.map((mode) => `gpu:${mode}`);
  const whole = await withPage(plain, (page) => page.train({ engines, epochs: 5 }));
  await withPage(built, async (page) => {
    const opened = await page.rows(["cpu", "tfjs:wasm"]);
    compare(opened[0], await lossesInNode("cpu"), 0);
    compare(opened[1], await lossesInNode("tfjs:wasm"), 1e-6);

    const minified = await page.train({ engines, epochs: 5 });
    for (const [i, row] of minified.entries()) {
      ranOn(row);
      compare(row, whole[i]?.losses ?? [], 0);
    }

    const learned = await page.train({
      program: "digits",
      engines: ["gpu:webgpu", "gpu:webgl2"],
      epochs,
    });
    for (const row of learned) {
      ranOn(row);
      const accuracy = Number(row.cells[3]);
      const [first = 0] = row.losses;
      if (
        !(accuracy >= wanted) ||
        row.losses.length !== epochs ||
        !((row.losses.at(-1) ?? first) < first / 4)
      )
        problems.push(
          `${row.engine} learned the digits to ${accuracy}, with losses ${row.losses.join(", ")}`,
        );
    }
    if (picture !== undefined) await page.page.screenshot({ path: picture });
    const right = await page.page.locator("#pictures figure[data-right=true]").count();
    if (right < 9) problems.push(`${right} of the ten pictures shown are named rightly`);
  });
} finally {
  await browser.close();
  await rm(plain, { recursive: true, force: true });
}
if (problems.length > 0) throw new Error(problems.join("\n"));

async function withPage<T>(folder: string, use: (page: PlaygroundPage) => Promise<T>): Promise<T> {
  const server = await servePlayground(folder);
  try {
    const page = await PlaygroundPage.open(browser, server.url);
    // It trains as soon as it is open, and does not take another request until then.
    await page.rows(["cpu", "tfjs:wasm"]);
    const result = await use(page);
    problems.push(...page.problems);
    await page.page.close();
    return result;
  } finally {
    await server.close();
  }
}

async function sizeOfScripts(folder: string): Promise<number> {
  const assets = join(folder, "assets");
  const scripts = (await readdir(assets)).filter((name) => name.endsWith(".js"));
  const texts = await Promise.all(scripts.map((name) => readFile(join(assets, name))));
  return texts.reduce((sum, { length }) => sum + length, 0);
}

/** The engine itself has to say that it ran in the mode that its name stands for. */
function ranOn({ engine, running }: Row): void {
  const executors: Readonly<Record<string, string>> = {
    webgpu: "one submission per program",
    webgl2: "kernel by kernel",
    webasm: "fused-sync",
  };
  const mode = engine.slice("gpu:".length);
  if (running?.["mode"] !== mode || running["executor"] !== executors[mode] || !running["adapter"])
    problems.push(`${engine} ran on ${JSON.stringify(running)}`);
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

/** A row's losses may lie that far from those wanted, relatively, and have to come down. */
function compare(row: Row | undefined, losses: readonly number[], apart: number): void {
  if (!row || row.losses.length !== losses.length || losses.length < 5) {
    problems.push(`${row?.engine}: ${row?.losses.join(", ")} are not the losses of ${losses.length} epochs`);
    return;
  }
  const far = Math.max(...losses.map((loss, i) => Math.abs((row.losses[i] ?? Number.NaN) / loss - 1)));
  console.log(`${row.engine}: largest relative distance of a training loss: ${far}`);
  if (!(far <= apart))
    problems.push(`${row.engine}: losses ${row.losses.join(", ")}, not ${losses.join(", ")}`);
}
