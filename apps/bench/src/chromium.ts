import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type Page, chromium } from "playwright";
import { build, defaultClientConditions } from "vite";
import { softwareGpu } from "../../../tools/chromium.ts";
import type { Contender } from "./bench.ts";
import { timeOfChildren } from "./processor-time.ts";
import { clockVariable } from "./timing.ts";

const root = fileURLToPath(new URL("browser", import.meta.url));
const folder = fileURLToPath(new URL("../dist/browser", import.meta.url));

/** Nobody answers here: the files are given to the page by the browser's own router. WebGPU needs a secure origin. */
const origin = "http://localhost";

let built: Promise<unknown> | undefined;

/** The page of `browser`, minified as in production. */
function buildPage(): Promise<unknown> {
  built ??= build({
    root,
    base: "./",
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@polykeras/source", ...defaultClientConditions] },
    build: { outDir: folder, emptyOutDir: true, target: "es2023", chunkSizeWarningLimit: 4000 },
  });
  return built;
}

export interface InChromium {
  readonly library: "polykeras" | "tfjs";
  readonly engine: string;
}

/**
 * A library in a page of a chromium of its own, with a software rasteriser for WebGL2 and WebGPU. The page stays open
 * between rounds, so that shaders are compiled once.
 */
export function inChromium(name: string, { library, engine }: InChromium): Contender {
  let browser: Browser | undefined;
  let page: Page | undefined;
  const problems: string[] = [];
  const open = async (): Promise<Page> => {
    await buildPage();
    browser = await chromium.launch(softwareGpu);
    const opened = await browser.newPage();
    opened.on("pageerror", ({ message }) => problems.push(message));
    await opened.route(`${origin}/**`, (route) =>
      route.fulfill({ path: join(folder, new URL(route.request().url()).pathname) }),
    );
    const query = new URLSearchParams({ library, engine });
    await opened.goto(`${origin}/index.html?${query.toString()}`);
    await opened.waitForFunction("'measure' in globalThis");
    return opened;
  };
  return {
    name,
    async run() {
      page ??= await open();
      const names = await page.evaluate<string[]>("names()");
      const measures: Record<string, number> = {};
      const byProcessor = process.env[clockVariable] === "cpu";
      for (const task of names) {
        const before = byProcessor ? timeOfChildren() : 0;
        const { mean, runs } = await page.evaluate<{ mean: number; runs: number }>(
          `measure(${JSON.stringify(task)})`,
        );
        measures[task] = byProcessor ? (timeOfChildren() - before) / runs : mean;
      }
      if (problems.length > 0) throw new Error(problems.join("\n"));
      return measures;
    },
    async close() {
      await browser?.close();
      [browser, page] = [undefined, undefined];
    },
  };
}
